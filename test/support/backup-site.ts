// A deployment whose provider remembers which snapshots exist, so that a test sees what a deletion really deleted.
import { expect } from 'chai'
import type { ExecutionDetails } from '../../src/engine/api.ts'
import type { BackupDetails } from '../../src/engine/backups-api.ts'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import type { OperationContext } from '../../src/plugins/contract/context.ts'
import { isJsonObject } from '../../src/kernel/json.ts'
import { engineSite, type EngineSite } from './engine-site.ts'

const nodes = ['vm', 'db', 'web'] as const

export interface BackupSite extends AsyncDisposable {
  readonly site: EngineSite
  /** `name/node` of the snapshots that are there. */
  readonly snapshots: Set<string>
  /** Makes a backup that must succeed; its parts rest on those of `parent`. */
  backUp(name: string, parent?: string): Promise<BackupDetails>
  done(workflow: string, parameters?: JsonObject): Promise<ExecutionDetails>
  /** Names that the catalog holds, oldest first. */
  names(): Promise<readonly string[]>
}

export async function backupSite(): Promise<BackupSite> {
  const snapshots = new Set<string>()
  const parents = new Map<string, string>()
  const site = await engineSite({ verifies: true })
  const idOf = (ctx: OperationContext, name: string): string => `${name}/${ctx.node.id}`
  for (const node of nodes) {
    site.hooks[`cut ${node}`] = (ctx, inputs) => {
      const name = String(inputs['snapshot_name'])
      const parent = parents.get(name)
      snapshots.add(idOf(ctx, name))
      return { providerId: idOf(ctx, name), ...(parent === undefined ? {} : { parentId: idOf(ctx, parent) }) }
    }
    // By what the catalog recorded; what is gone already is no error.
    site.hooks[`undo ${node}`] = (ctx, inputs) =>
      void snapshots.delete(providerId(ctx.part) ?? idOf(ctx, String(inputs['snapshot_name'])))
    site.hooks[`verify ${node}`] = (_ctx, part) => {
      const isThere = snapshots.has(providerId(part) ?? '')
      return { isUsable: isThere, isMissing: !isThere, reason: isThere ? null : 'the provider knows no such snapshot' }
    }
  }
  const done: BackupSite['done'] = async (workflow, parameters) => {
    const execution = await site.start(workflow, parameters)
    expect(execution.status, execution.error?.message).to.equal('terminated')
    return execution
  }
  return {
    site,
    snapshots,
    done,
    async backUp(name, parent) {
      if (parent !== undefined) parents.set(name, parent)
      await done('backup', { snapshot_name: name })
      return site.fermata.backups.get(name)
    },
    names: async () => (await site.fermata.backups.list()).map((backup) => backup.name),
    [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
  }
}

function providerId(part: Json | undefined): string | undefined {
  const id = isJsonObject(part) ? part['providerId'] : undefined
  return typeof id === 'string' ? id : undefined
}
