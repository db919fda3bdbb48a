// `thaw`: thaws what a process that is gone left frozen, and starts nothing.
import type { FrozenRecord } from '../../engine/frozen.ts'
import { deploymentOption, type CommandDefinition } from '../definition.ts'
import { eventLine } from '../event-line.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { frozenTable } from '../frozen-table.ts'

export const thaw: CommandDefinition = {
  words: 'thaw',
  summary: 'thaw what an execution left frozen that nobody runs any more; starts nothing',
  options: [deploymentOption],
  notes: [
    'Every start, resume and cancel does the same before anything else. What a living process holds frozen is left to ' +
      'it: cancel its execution to have it thawed. The exit code is 0 when nothing is left frozen, 1 when something ' +
      'could not be thawed, 5 when only living processes hold something.',
  ],
  examples: ['fermata thaw', 'fermata thaw -d shop'],
  async run(call): Promise<ExitCode> {
    const deploymentId = call.text('deploymentId')
    const fermata = await call.fermata()
    if (deploymentId !== undefined) await fermata.deployments.get(deploymentId)
    const { thawed, failed, held } = await fermata.thaw({
      ...(deploymentId === undefined ? {} : { deploymentId }),
      ...(call.isVerbose ? { onEvent: (event) => call.say(eventLine(event, call.paint)) } : {}),
    })
    if (call.isJson) call.printJson({ thawed, failed, held })
    else if (call.isQuiet) thawed.forEach(({ instanceId }) => call.print(instanceId))
    else {
      const outcomes = new Map<FrozenRecord, string>([
        ...thawed.map((record) => [record, 'thawed'] as const),
        ...failed.map((record) => [record, record.error.message] as const),
        ...held.map((record) => [record, `left to ${record.holder ?? 'another process'}`] as const),
      ])
      const more = { head: 'OUTCOME', cell: (record: FrozenRecord) => outcomes.get(record) ?? null }
      if (outcomes.size === 0) call.print('Nothing is frozen: there is nothing to thaw.')
      else call.print(await frozenTable([...outcomes.keys()], call.paint, more))
    }
    if (failed.length > 0) return exitCodes.executionFailed
    return held.length > 0 ? exitCodes.busy : exitCodes.ok
  },
}
