// The projects of this process: everybody who works with one takes it from here, and shares its connections and its token.
import type { JsonObject } from '../../../kernel/json.ts'
import type { World } from '../../../world/world.ts'
import type { OperationContext } from '../../contract/context.ts'
import { keyOf, warnOnce } from '../../http/shared-work.ts'
import { Wire } from '../../http/wire.ts'
import { connectionSettings, type ConnectionSettings } from './connection-settings.ts'
import type { Project } from './project.ts'
import { networkFaults } from './network-faults.ts'
import { Session } from './session.ts'
import { SharedProject } from './shared-project.ts'

/** What a project needs of who works with it. */
export type ProjectUser = Pick<OperationContext, 'world' | 'signal' | 'log'> &
  Partial<Pick<OperationContext, 'blueprintFile' | 'execution'>>

interface Known {
  readonly session: Session
  /** Executions that were told that nobody looks at certificates. */
  readonly warned: Set<string>
}

// Each world has its own: a simulated one does not share the clock of another.
let shared = new Map<World, Map<string, Known>>()

/** The project of a node, for the time of an operation. @throws Fault `gcp.*` */
export async function projectOf(user: ProjectUser, clientConfig: JsonObject): Promise<Project> {
  const { blueprintFile } = user
  const surroundings = blueprintFile === undefined ? {} : { blueprintFile: (path: string) => blueprintFile(path) }
  const settings = await connectionSettings(clientConfig, surroundings)
  const { session, warned } = sessionFor(user.world, settings)
  if (settings.tls.isInsecure && settings.endpoint.startsWith('https:')) {
    const { origin } = new URL(settings.endpoint)
    warnOnce(user, warned, `the certificate of ${origin} is not checked (insecure): whoever is in between can read all`)
  }
  return new SharedProject(session, await session.projectId(user.signal), user)
}

/** Ends all connections; who asks afterwards gets new ones. */
export async function closeSharedProjects(): Promise<void> {
  const sessions = [...shared.values()].flatMap((own) => [...own.values()])
  shared = new Map()
  await Promise.all(sessions.map(({ session }) => session.close()))
}

function sessionFor(world: World, settings: ConnectionSettings): Known {
  const own = shared.get(world) ?? new Map<string, Known>()
  shared.set(world, own)
  const key = keyOf(settings)
  const known = own.get(key) ?? {
    session: new Session(world, new Wire(world, settings, networkFaults), settings),
    warned: new Set(),
  }
  own.set(key, known)
  return known
}
