// The vCenters of this process: everybody who works with one takes it from here, and shares its session and its one wait.
import type { JsonObject } from '../../../kernel/json.ts'
import type { World } from '../../../world/world.ts'
import type { OperationContext } from '../../contract/context.ts'
import { keyOf, warnOnce } from '../../http/shared-work.ts'
import { connectionSettings, type ConnectionSettings } from './connection-settings.ts'
import { Session } from './session.ts'
import { TaskWatch } from './task-watch.ts'
import { VCenter } from './vcenter.ts'
import { Wire } from './wire.ts'

/** What a vCenter needs of who works with it. */
export type VCenterUser = Pick<OperationContext, 'world' | 'signal' | 'log'> &
  Partial<Pick<OperationContext, 'blueprintFile' | 'execution'>>

interface Known {
  readonly session: Session
  readonly tasks: TaskWatch
  readonly warned: Set<string>
}

// Each world has its own: a simulated one does not share the clock of another.
let shared = new Map<World, Map<string, Known>>()

/** Signs in when nobody has yet. @throws Fault `vsphere.*` */
export async function vcenterOf(user: VCenterUser, connectionConfig: JsonObject): Promise<VCenter> {
  const { blueprintFile } = user
  const surroundings = blueprintFile === undefined ? {} : { blueprintFile: (path: string) => blueprintFile(path) }
  const settings = await connectionSettings(connectionConfig, surroundings)
  const { session, tasks, warned } = knownFor(user.world, settings)
  if (settings.tls.isInsecure) {
    const { origin } = settings
    warnOnce(
      user,
      warned,
      `the certificate of ${origin} is not checked (allow_insecure): whoever is in between can read and change all`,
    )
  }
  await session.signedIn(user.signal)
  return new VCenter(session, tasks, user)
}

/** Ends all sessions; who asks afterwards gets new ones. */
export async function closeSharedVCenters(): Promise<void> {
  const all = [...shared.values()].flatMap((own) => [...own.values()])
  shared = new Map()
  await Promise.all(all.map(({ session }) => session.close()))
}

function knownFor(world: World, settings: ConnectionSettings): Known {
  const own = shared.get(world) ?? new Map<string, Known>()
  shared.set(world, own)
  const key = keyOf(settings)
  const found = own.get(key)
  if (found !== undefined) return found
  const session = new Session(world, new Wire(world, settings), settings)
  const made: Known = { session, tasks: new TaskWatch(session), warned: new Set() }
  own.set(key, made)
  return made
}
