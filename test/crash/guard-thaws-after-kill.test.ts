// Claim: a process that a killed fermata left frozen runs again at most lease + 2 s after the freeze.
import { expect } from 'chai'
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { processCreate } from '../../src/plugins/local/operations/process-create.ts'
import { processStart } from '../../src/plugins/local/operations/process-start.ts'
import { knownProcess, membersOf } from '../../src/plugins/local/process/running-process.ts'
import {
  counter,
  eventually,
  linesIn,
  processUnderTest,
  stateOf,
  textOf,
  type ProcessUnderTest,
} from '../unit/plugins/local/processes.ts'
import { processDeadman } from '../../src/plugins/local/deadman.ts'

const lease = 3000
const promise = lease + 2000

describe('crash: fermata dies while a process is frozen', () => {
  let unit: ProcessUnderTest
  let freezer: ChildProcess
  let folder: string

  beforeEach(async () => {
    const env = { COUNT: 'count', WORD: 'from the guard' }
    unit = processUnderTest({
      command: counter,
      env,
      prepare: 'echo prepared >> hooks',
      finalize: 'echo "$WORD" >> hooks',
    })
    folder = join(unit.ctx.stateDirectory, 'processes', unit.ctx.instance.id)
    await unit.run(processCreate)
    await unit.run(processStart)
    await eventually('it counts', () => linesIn(join(folder, 'count')) > 2)
  })

  afterEach(async () => {
    freezer.kill('SIGKILL')
    await unit.cleanUp()
  })

  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    it(`runs again in time after ${signal}, with its finalize hook run, and the expiry is known afterwards`, async () => {
      const { handle, begun } = await freezeElsewhere()
      freezer.kill(signal)
      expect(states().every((state) => state === 'T')).to.equal(true)
      const before = linesIn(join(folder, 'count'))

      await eventually('it counts again', () => linesIn(join(folder, 'count')) > before)
      expect(Date.now() - begun).to.be.within(lease, promise)
      await eventually('the finalize hook ran', () => textOf(join(folder, 'hooks')).includes('from the guard'))
      expect(textOf(join(folder, 'hooks'))).to.equal('prepared\nfrom the guard\n')

      const { firedAt } = await processDeadman.disarm(unit.ctx, handle)
      expect((firedAt ?? 0) - begun).to.be.within(lease, promise)
      expect(existsSync(handle.marker)).to.equal(false)
      expect(await processDeadman.disarm(unit.ctx, handle)).to.deep.equal({ firedAt: null })
    })
  }

  const states = (): string[] => membersOf(knownProcess(unit.ctx)!).map((entry) => stateOf(entry.pid))

  async function freezeElsewhere() {
    const { stateDirectory, node, instance } = unit.ctx
    const { properties } = node
    const { id: instanceId, runtimeProperties } = instance
    const order = { stateDirectory, properties, runtimeProperties, instanceId, lease, token: 'token of the dead' }
    const program = new URL('./guard-freezer.ts', import.meta.url).pathname
    freezer = spawn(process.execPath, [program, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] })
    for await (const line of createInterface({ input: freezer.stdout! })) return JSON.parse(line)
    throw new Error('the freezer ended before it had frozen anything')
  }
})
