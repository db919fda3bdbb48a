// A deployment that is backed up, restored and cleared by whole workflows: in this process, or in one that is killed, at a fault
// point or right after a call had its effect on its provider. Each provider says how it is called and closed.
import { expect } from 'chai'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionDetails, Fermata } from '../../src/engine/api.ts'
import { openFermata } from '../../src/engine/open.ts'
import type { Duration } from '../../src/kernel/duration.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import type { Planted, Trouble } from '../../src/testing/fake-http/troubles.ts'
import { realWorld } from '../../src/world/real-world.ts'
import type { World } from '../../src/world/world.ts'
import { eventually } from './cli.ts'
import { temporaryFolder } from './folder.ts'
import { expectKeptBy } from './kept-promises.ts'
import { shortWorld } from './short-world.ts'
import { numbered, workflowChildren, type Death, type WorkflowCall } from './workflow-children.ts'

export interface BackupSite extends AsyncDisposable {
  readonly fermata: Fermata
  /** In this process. */
  start(call: WorkflowCall): Promise<ExecutionDetails>
  /** In this process; must succeed. */
  succeed(call: WorkflowCall): Promise<ExecutionDetails>
  /** In a process of its own, which must succeed; every place that it passed. */
  passedBy(call: WorkflowCall): Promise<readonly Death[]>
  /** In a process of its own; false: it ended, well or not, before it came to that place. */
  killed(call: WorkflowCall, death: Death): Promise<boolean>
  /** Lets so much time go by at once for this process: whoever waits for the provider has waited in vain. */
  skip(length: Duration): void
  /** Carries on what was killed or has failed. */
  resume(): Promise<ExecutionDetails>
}

export interface Provider {
  /** Names of the calls that change something, up to now. */
  writes(): readonly string[]
  /** Kills right after this call has had its effect; what it returns takes that back. */
  killAfter(call: Omit<Death, 'kind'>, kill: () => Promise<void>): () => void
  close(): Promise<void>
}

export interface BackupSiteOptions {
  readonly blueprint: string
  readonly inputs?: JsonObject
  readonly taskRetries?: number
  /** So many times as fast as elsewhere. Default: time goes as it does. */
  readonly haste?: number
}

export async function backupSite(provider: Provider, options: BackupSiteOptions): Promise<BackupSite> {
  const { blueprint, inputs = {}, haste, taskRetries } = options
  const folder = await temporaryFolder()
  const real = haste === undefined ? realWorld() : shortWorld(haste)
  let skipped = 0
  const world: World = { ...real, clock: { ...real.clock, monotonic: () => real.clock.monotonic() + skipped } }
  const home = join(folder.path, 'home')
  const fermata = await openFermata({ home, world })
  // In a folder of its own: all of it is taken.
  mkdirSync(join(folder.path, 'blueprint'))
  const path = join(folder.path, 'blueprint', 'blueprint.yaml')
  writeFileSync(path, blueprint)
  await fermata.blueprints.upload('shop', { path })
  await fermata.deployments.create('shop', 'shop', inputs)
  const retries = taskRetries === undefined ? {} : { taskRetries }
  const start: BackupSite['start'] = (call) => fermata.executions.start({ deploymentId: 'shop', ...retries, ...call })
  const succeed: BackupSite['succeed'] = async (call) => {
    const done = await start(call)
    expect(done.status, JSON.stringify(done.error)).to.equal('terminated')
    return done
  }
  await succeed({ workflow: 'install', parameters: {} })
  const children = workflowChildren({ home, deploymentId: 'shop', ...(haste === undefined ? {} : { haste }) })
  return {
    fermata,
    start,
    succeed,
    async passedBy(call) {
      const from = provider.writes().length
      const points = await children.passedBy(call)
      return [...numbered('point', points), ...numbered('call', provider.writes().slice(from))]
    },
    async killed(call, death) {
      if (death.kind === 'point') return children.killedAt(call, death)
      let takeBack: (() => void) | undefined
      const isKilled = await children.killedBy(call, (kill) => {
        takeBack = provider.killAfter(death, kill)
      })
      takeBack?.()
      return isKilled
    },
    skip: (length) => void (skipped += length),
    async resume() {
      const last = (await fermata.executions.list()).at(-1)
      if (last === undefined) throw new Error('there is no execution')
      return last.status === 'terminated' ? fermata.executions.get(last.id) : fermata.executions.resume(last.id)
    },
    async [Symbol.asyncDispose]() {
      children.close()
      try {
        await expectKeptBy(fermata)
      } finally {
        await fermata[Symbol.asyncDispose]()
        await provider.close()
        await folder[Symbol.asyncDispose]()
      }
    },
  }
}

/** A fake with an HTTP front. */
interface FakeCloud {
  readonly calls: readonly { readonly name: string; readonly to: number | undefined }[]
  readonly writes: readonly { readonly name: string }[]
  fail(name: string, trouble: Trouble): Planted
  close(): Promise<void>
}

export const cloudProvider = (cloud: FakeCloud): Provider => ({
  writes: () => cloud.writes.map(({ name }) => name),
  killAfter({ name, ordinal: nth }, kill) {
    const from = cloud.calls.length
    const planted = cloud.fail(name, { nth, isHanging: true })
    void planted.reached.then(async () => {
      // It is in the log as ended once it has had its effect.
      const isDone = (): boolean =>
        cloud.calls.slice(from).filter((one) => one.name === name)[nth - 1]?.to !== undefined
      await eventually(`${name} had its effect`, isDone)
      await kill()
    })
    return () => planted.remove()
  },
  close: () => cloud.close(),
})
