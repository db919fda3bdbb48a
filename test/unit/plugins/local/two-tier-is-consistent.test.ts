// Claim: in every backup of the two-tier example both logs are equal, and its writer is never left paused.
import { expect } from 'chai'
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Json } from '../../../../src/kernel/json.ts'
import { directorySnapshotApply } from '../../../../src/plugins/local/operations/directory-snapshot-apply.ts'
import { directorySnapshotCreate } from '../../../../src/plugins/local/operations/directory-snapshot-create.ts'
import { processCreate } from '../../../../src/plugins/local/operations/process-create.ts'
import { processFreeze } from '../../../../src/plugins/local/operations/process-freeze.ts'
import { processStart } from '../../../../src/plugins/local/operations/process-start.ts'
import { processStop } from '../../../../src/plugins/local/operations/process-stop.ts'
import { processThaw } from '../../../../src/plugins/local/operations/process-thaw.ts'
import { operationContext, type TestContext } from '../../../support/operation-context.ts'
import { eventually, linesIn, perform, textOf } from './processes.ts'
import { processDeadman } from '../../../../src/plugins/local/deadman.ts'

const example = new URL('../../../../blueprints/two-tier', import.meta.url).pathname

describe('blueprint two-tier', () => {
  let writer: TestContext
  let data: TestContext
  let directory: string

  beforeEach(async () => {
    data = operationContext({ node: { id: 'data', properties: { path: 'data' } } })
    directory = join(data.stateDirectory, 'data')
    mkdirSync(directory)
    writer = operationContext({
      node: { id: 'writer', properties: writerProperties(directory) },
      blueprintFolder: example,
      stateDirectory: data.stateDirectory,
    })
    await perform(processCreate, writer)
    await perform(processStart, writer)
    await eventually('the writer writes', () => linesIn(join(directory, 'right.log')) > 5)
  })

  afterEach(async () => {
    await perform(processStop, writer)
    await writer.cleanUp()
    await data.cleanUp()
  })

  it('saves equal logs, again and again, and the writer goes on each time', async () => {
    const saved = join(data.folder, 'saved')
    for (const name of ['first', 'second', 'third', 'fourth', 'fifth']) {
      const inputs = { snapshot_name: name }
      const ctx = { ...data, operation: { ...data.operation, key: name } }
      const handle = await processDeadman.arm(writer, { token: name, lease: 30_000 })
      await perform(processFreeze, writer)
      const receipt = await directorySnapshotCreate.cut(ctx, inputs)
      cpSync(directory, join(saved, name), { recursive: true })
      await perform(processThaw, writer)
      expect(await processDeadman.disarm(writer, handle)).to.deep.equal({ firedAt: null })
      await directorySnapshotCreate.settle(ctx, receipt, inputs)
      const lines = linesIn(join(directory, 'right.log'))
      await eventually('the writer goes on', () => linesIn(join(directory, 'right.log')) > lines)
    }
    await perform(processStop, writer)
    for (const name of ['third', 'first', 'fifth']) {
      await directorySnapshotApply.run(data, { snapshot_name: name })
      expect(textOf(join(directory, 'left.log'))).to.equal(textOf(join(saved, name, 'left.log')))
      expect(textOf(join(directory, 'left.log'))).to.equal(textOf(join(directory, 'right.log')))
      expect(linesIn(join(directory, 'left.log'))).to.be.greaterThan(4)
    }
  })

  it('may be prepared twice, and finalized without a prepare', async () => {
    const handle = await processDeadman.arm(writer, { token: 'twice', lease: 30_000 })
    await perform(processThaw, writer)
    await perform(processFreeze, writer)
    await perform(processFreeze, writer)
    await perform(processThaw, writer)
    await perform(processThaw, writer)
    await processDeadman.disarm(writer, handle)
    const lines = linesIn(join(directory, 'right.log'))
    await eventually('the writer goes on', () => linesIn(join(directory, 'right.log')) > lines)
    expect(existsSync(join(writer.stateDirectory, 'processes', writer.instance.id, 'pause'))).to.equal(false)
  })
})

// As in blueprint.yaml, with get_input and get_attribute evaluated.
function writerProperties(directory: string): Record<string, Json> {
  return {
    files: ['scripts/writer.mjs', 'scripts/pause.sh', 'scripts/continue.sh'],
    command: ['node', 'scripts/writer.mjs'],
    env: { DIRECTORY: directory, PAUSE_BETWEEN_APPENDS: 3 },
    prepare: ['sh', 'scripts/pause.sh'],
    finalize: ['sh', 'scripts/continue.sh'],
    hook_timeout: 5,
    stop_timeout: 5,
  }
}
