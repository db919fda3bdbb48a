// `plugins test`: runs the contract suite over a plugin and shows what holds.
import type { CaseResult } from '../../testing/contract/suite.ts'
import type { CommandDefinition } from '../definition.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Paint } from '../colours.ts'

const signs = { holds: '✔', broken: '✘', skipped: '-' } as const

export const pluginsTest: CommandDefinition = {
  words: 'plugins test',
  summary: 'try whether a plugin keeps the contract',
  arguments: [{ name: 'PATH', description: "the plugin's folder, with a contract.ts in it" }],
  notes: [
    'contract.ts exports `subject`: how to make a node of the plugin, and how to look at it from outside. See the guide on writing a plugin.',
    'Exit code 1 when something is broken. What is skipped was not tried, for the reason given.',
  ],
  examples: ['fermata plugins test lamp'],
  async run(call) {
    const { loadSubject } = await import('../../testing/contract/load-subject.ts')
    const { runContract } = await import('../../testing/contract/suite.ts')
    const subject = await loadSubject(call.argument(0))
    const results = await runContract(subject, (result) => call.say(lineOf(result, call.paint)))
    const count = (outcome: CaseResult['outcome']): number => results.filter((one) => one.outcome === outcome).length
    const broken = count('broken')
    if (call.isJson) call.printJson(results)
    else call.print(`${count('holds')} hold, ${broken} broken, ${count('skipped')} skipped`)
    return broken > 0 ? exitCodes.executionFailed : exitCodes.ok
  },
}

function lineOf({ id, claim, outcome, reason }: CaseResult, paint: Paint): string {
  const line = `${signs[outcome]} ${id.padEnd(28)} ${claim}`
  if (outcome === 'holds') return line
  const told = `${line}\n  ${reason ?? ''}`
  return outcome === 'broken' ? paint('red', told) : paint('dim', told)
}
