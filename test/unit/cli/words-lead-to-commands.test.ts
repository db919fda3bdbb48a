import { expect } from 'chai'
import { commandTable } from '../../../src/cli/command-table.ts'
import { exitCodeFor, exitCodes } from '../../../src/cli/exit-codes.ts'
import { readWords } from '../../../src/cli/words.ts'
import { asFault, fault, type FaultCode } from '../../../src/kernel/fault.ts'
import { faultTable } from '../../../src/kernel/fault-table.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { runInProcess } from '../../support/cli-host.ts'

const wordsOf = (line: string): string => {
  const { noun, verb } = readWords(line.split(' '))
  return `${noun} ${verb}`
}

describe('the words of a command', () => {
  it('may be singular, or cut short while it is clear which one is meant', () => {
    expect(wordsOf('execution start backup')).to.equal('executions start')
    expect(wordsOf('exec start backup')).to.equal('executions start')
    expect(wordsOf('node-instance list')).to.equal('node-instances list')
    expect(wordsOf('blueprints upload x')).to.equal('blueprints upload')
  })

  it('that are unknown are answered with the nearest ones', () => {
    for (const [line, near] of [
      ['executoins start', 'executions'],
      ['executions strat', 'start'],
    ] as const) {
      let problem
      try {
        readWords(line.split(' '))
      } catch (thrown) {
        problem = asFault(thrown)
      }
      expect(problem?.code).to.equal('usage.bad_argument')
      expect(`${problem?.message} ${problem?.hint}`).to.contain(near)
    }
  })

  it('have a help page each, that names every option', async () => {
    await using folder = await temporaryFolder()
    for (const [noun, verbs] of Object.entries(commandTable)) {
      for (const [verb, load] of Object.entries(verbs)) {
        const argv = [noun, verb, '--help'].filter(Boolean)
        const { code, stdout } = await runInProcess(argv, { home: folder.path })
        expect(code, argv.join(' ')).to.equal(0)
        const { options = [], summary } = await load()
        expect(stdout.replaceAll(/\s+/g, ' ').toLowerCase()).to.contain(summary.toLowerCase().slice(0, 20))
        for (const { flags } of options) expect(stdout).to.contain(flags)
      }
    }
  })

  it('are completed by every shell', async () => {
    await using folder = await temporaryFolder()
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, stdout } = await runInProcess(['completion', shell], { home: folder.path })
      expect(code).to.equal(0)
      for (const noun of Object.keys(commandTable)) expect(stdout, `${shell} ${noun}`).to.contain(noun)
    }
  })
})

describe('exit codes', () => {
  it('are there for every fault, and 70 only for our own mistakes', () => {
    for (const code of Object.keys(faultTable) as FaultCode[]) {
      const exit = exitCodeFor(fault(code))
      expect(Object.values(exitCodes), code).to.include(exit)
      expect(exit, code).not.to.equal(0)
      if (exit === exitCodes.unexpected) expect(code).to.equal('engine.unexpected')
    }
  })

  it('tell what happened, and messages go to stderr alone', async () => {
    await using folder = await temporaryFolder()
    const home = folder.path
    const unknown = await runInProcess(['executions', 'get', 'nobody'], { home })
    expect([unknown.code, unknown.stdout]).to.deep.equal([exitCodes.usage, ''])
    expect(unknown.stderr).to.match(/^error: .*nobody/)
    const json = await runInProcess(['executions', 'get', 'nobody', '--json'], { home })
    expect(JSON.parse(json.stderr)).to.have.nested.property('error.code', 'usage.not_found')
    expect((await runInProcess(['status', '--json'], { home })).code).to.equal(0)
  })
})
