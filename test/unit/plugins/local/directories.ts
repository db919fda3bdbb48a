// Real directories for the tests of the local plugin: one directory node, its snapshots, and what a tree holds.
import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Json } from '../../../../src/kernel/json.ts'
import type { OperationDetails } from '../../../../src/plugins/contract/context.ts'
import type { Part, Receipt } from '../../../../src/plugins/contract/operation.ts'
import { directorySnapshotApply } from '../../../../src/plugins/local/operations/directory-snapshot-apply.ts'
import { directorySnapshotCreate } from '../../../../src/plugins/local/operations/directory-snapshot-create.ts'
import { directorySnapshotDelete } from '../../../../src/plugins/local/operations/directory-snapshot-delete.ts'
import { operationContext, type TestContext } from '../../../support/operation-context.ts'

export interface DirectoryUnderTest {
  readonly ctx: TestContext
  /** The directory itself. */
  readonly data: string
  /** Where its snapshots are kept. */
  readonly store: string
  at(operation: Partial<OperationDetails>): TestContext
  cut(name: string, inputs?: Readonly<Record<string, Json>>): Promise<Receipt>
  backup(name: string, inputs?: Readonly<Record<string, Json>>): Promise<Part>
  apply(name: string): Promise<unknown>
  /** As remove_backup does: with what the catalog recorded, where there is a record. */
  delete(name: string): Promise<unknown>
  /** As a bracket takes back a cut that came to nothing: under the cut's own key, without a record. */
  takeBack(name: string): Promise<unknown>
  cleanUp(): Promise<void>
}

export function directoryUnderTest(properties: Readonly<Record<string, Json>> = {}): DirectoryUnderTest {
  const ctx = operationContext({ node: { id: 'data', properties: { path: 'data', ...properties } } })
  const at = (operation: Partial<OperationDetails>): TestContext => ({
    ...ctx,
    operation: { ...ctx.operation, ...operation },
  })
  const inputsFor = (name: string, inputs = {}) => ({ snapshot_name: name, ...inputs })
  const cut: DirectoryUnderTest['cut'] = (name, inputs) =>
    directorySnapshotCreate.cut(at({ key: `backup/${name}` }), inputsFor(name, inputs))
  const parts = new Map<string, Part>()
  return {
    ctx,
    data: join(ctx.stateDirectory, 'data'),
    store: join(ctx.stateDirectory, 'snapshots', 'data'),
    at,
    cut,
    async backup(name, inputs) {
      const receipt = await cut(name, inputs)
      const part = await directorySnapshotCreate.settle(at({ key: `backup/${name}` }), receipt, inputsFor(name, inputs))
      parts.set(name, part)
      return part
    },
    apply: (name) => directorySnapshotApply.run(at({ key: `restore/${name}` }), inputsFor(name)),
    delete(name) {
      const part = parts.get(name)
      const recorded = part === undefined ? {} : { part }
      return directorySnapshotDelete.run({ ...at({ key: `backup/${name}` }), ...recorded }, inputsFor(name))
    },
    takeBack: (name) => directorySnapshotDelete.run(at({ key: `backup/${name}` }), inputsFor(name)),
    cleanUp: () => ctx.cleanUp(),
  }
}

/** Everything a tree holds, one line for each entry: path, type, mode, owner, time to the microsecond, content. */
export function pictureOf(top: string): string[] {
  const lines: string[] = []
  const look = (place: Buffer, shown: string): void => {
    const stats = lstatSync(place, { bigint: true })
    const time = stats.mtimeNs / 1000n
    const type = stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : stats.isSymbolicLink() ? 'link' : 'other'
    const content = stats.isFile() ? readFileSync(place, 'base64') : stats.isSymbolicLink() ? readlinkSync(place) : ''
    lines.push([shown, type, stats.mode.toString(8), stats.uid, stats.gid, time, content].join(' '))
    if (!stats.isDirectory()) return
    for (const name of readdirSync(place, { encoding: 'buffer' }).sort(Buffer.compare)) {
      look(Buffer.concat([place, Buffer.from('/'), name]), `${shown}/${name.toString('latin1')}`)
    }
  }
  look(Buffer.from(top), '.')
  return lines
}

/** Paths of all files below a folder, relative to it; [] when it is not there. */
export function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort()
  } catch {
    return []
  }
}

export const empty = (folder: string): void => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true })
}
