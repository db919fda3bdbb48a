// The clouds of this process: everybody who works with one takes it from here, and shares its connections and its token.
import type { World } from '../../../world/world.ts'
import type { OperationContext } from '../../contract/context.ts'
import { keyOf, warnOnce } from '../../http/shared-work.ts'
import { Wire } from '../../http/wire.ts'
import { badProperty } from '../errors.ts'
import type { OpenstackSettings } from '../settings.ts'
import type { Cloud } from './cloud.ts'
import { connectionSettings, type ConnectionSettings } from './connection-settings.ts'
import { networkFaults } from './network-faults.ts'
import { Session } from './session.ts'
import { SharedCloud } from './shared-cloud.ts'

/** What a cloud needs of who works with it: an operation, or a workflow of its own. */
export type CloudUser = Pick<OperationContext, 'world' | 'signal' | 'log'> &
  Partial<Pick<OperationContext, 'blueprintFile' | 'execution'>>

// Each world has its own: a simulated one does not share the clock of another.
let shared = new Map<World, Own>()

interface Own {
  /** By address, trust and number of requests: whoever differs in their credentials alone shares them. */
  readonly wires: Map<string, Wire>
  readonly sessions: Map<string, { readonly session: Session; readonly warned: Set<string> }>
}

/**
 * The cloud of a node, for the time of an operation. Signs in when nobody has yet.
 *
 * @throws Fault `openstack.*`
 */
export async function cloudOf(user: CloudUser, settings: Pick<OpenstackSettings, 'clientConfig'>): Promise<Cloud> {
  const { blueprintFile } = user
  const surroundings = blueprintFile === undefined ? {} : { blueprintFile: (path: string) => blueprintFile(path) }
  const connection = await connectionSettings(settings.clientConfig, surroundings)
  const { session, warned } = sessionFor(user.world, connection)
  if (connection.tls.isInsecure && connection.authUrl.startsWith('https:')) {
    const { origin } = new URL(connection.authUrl)
    warnOnce(
      user,
      warned,
      `the certificate of ${origin} is not checked (insecure): whoever is in between can read and change all`,
    )
  }
  const { grant } = await session.token(user.signal)
  if (grant.projectId === null)
    throw badProperty('client_config.project_name', 'without it the cloud lets us do nothing')
  return new SharedCloud(session, { ...grant, projectId: grant.projectId }, user)
}

/** Ends all connections; who asks afterwards gets new ones. */
export async function closeSharedClouds(): Promise<void> {
  const sessions = [...shared.values()].flatMap((own) => [...own.sessions.values()])
  shared = new Map()
  await Promise.all(sessions.map(({ session }) => session.close()))
}

function sessionFor(world: World, settings: ConnectionSettings): { session: Session; warned: Set<string> } {
  const own = shared.get(world) ?? { wires: new Map(), sessions: new Map() }
  shared.set(world, own)
  const { authUrl, tls, maxRequests } = settings
  const wireKey = keyOf([authUrl, tls, maxRequests])
  const wire = own.wires.get(wireKey) ?? new Wire(world, settings, networkFaults)
  own.wires.set(wireKey, wire)
  const key = keyOf(settings)
  const known = own.sessions.get(key) ?? { session: new Session(world, wire, settings), warned: new Set<string>() }
  own.sessions.set(key, known)
  return known
}
