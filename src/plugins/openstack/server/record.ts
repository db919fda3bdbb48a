// What a node's instance knows of its server, under the names of both generations of the original: addresses above all.
import type { Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { NodeCloud } from './server-of.ts'
import { serverOf, type Server, type ServerAddress } from './server.ts'

/** Reads the server, and keeps what blueprints read of it. Not durable before the caller saves it. */
export async function recordServer(ctx: OperationContext, node: NodeCloud, serverId: string): Promise<Server> {
  const server = await serverOf(node.cloud, serverId)
  const known = ctx.instance.runtimeProperties
  Object.assign(known, { id: server.id, name: server.name, type: 'server' })
  if (node.settings.isCompact) {
    Object.assign(known, { external_id: server.id, external_name: server.name, external_type: 'server' })
  }
  known['server'] = shownServer(server)
  recordAddresses(known, node, server)
  return server
}

/** Without what may be secret. */
export function shownServer(server: Server): Json {
  const { 'OS-EXT-SRV-ATTR:user_data': _userData, ...shown } = server as unknown as Readonly<Record<string, Json>>
  const { adminPass: _password, user_data: _data, ...rest } = shown
  return rest
}

interface Address {
  readonly network: string
  readonly addr: string
  readonly isFloating: boolean
  readonly version: number
}

function recordAddresses(known: Record<string, Json>, { settings }: NodeCloud, server: Server): void {
  const all = Object.entries(server.addresses).flatMap(([network, list]) => list.map((one) => address(network, one)))
  const of = (version: number): readonly Address[] => all.filter((one) => one.version === version)
  const [fixed4, fixed6] = [of(4).filter(isFixed), of(6).filter(isFixed)]
  const floating = all.find(({ isFloating }) => isFloating)?.addr
  const { options } = settings
  const prefersSix = options.boolean('use_ipv6_ip') ?? false
  const wanted = options.text('management_network_name')
  const inNetwork = (list: readonly Address[]): string | undefined =>
    (list.find(({ network }) => network === wanted) ?? list[0])?.addr
  const [four, six] = [inNetwork(fixed4), inNetwork(fixed6)]
  const own = prefersSix ? (six ?? four) : (four ?? six)
  const values: Readonly<Record<string, Json | undefined>> = {
    ip: (options.boolean('use_public_ip') ?? false) ? (floating ?? own) : own,
    public_ip: floating ?? own,
    public_ip_address: floating,
    ipv4_address: four,
    ipv6_address: six,
    ipv4_addresses: of(4).map(({ addr }) => addr),
    ipv6_addresses: of(6).map(({ addr }) => addr),
    access_ipv4: server.accessIPv4 || undefined,
    access_ipv6: server.accessIPv6 || undefined,
    networks: Object.fromEntries(
      Object.entries(server.addresses).map(([network, list]) => [network, list.map(({ addr }) => addr)]),
    ),
  }
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete known[name]
    else known[name] = value
  }
}

function address(network: string, { addr, version, 'OS-EXT-IPS:type': type }: ServerAddress): Address {
  return { network, addr, version, isFloating: type === 'floating' }
}

const isFixed = ({ isFloating }: Address): boolean => !isFloating

const names = [
  'id',
  'name',
  'type',
  'external_id',
  'external_name',
  'external_type',
  'server',
  'ip',
  'public_ip',
  'public_ip_address',
  'ipv4_address',
  'ipv6_address',
  'ipv4_addresses',
  'ipv6_addresses',
  'access_ipv4',
  'access_ipv6',
  'networks',
]

export function forgetServer({ instance }: Pick<OperationContext, 'instance'>): void {
  for (const name of names) delete instance.runtimeProperties[name]
}
