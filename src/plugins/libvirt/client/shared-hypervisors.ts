// The hypervisors of this process: everybody who works with one takes it from here.
import { Secret } from '../../../kernel/secret.ts'
import type { World } from '../../../world/world.ts'
import { closeSharedConnections } from '../../ssh/host/shared-connections.ts'
import type { OperationContext } from '../../contract/context.ts'
import { openHypervisor, type Hypervisor } from './hypervisor.ts'
import type { Access } from './uri.ts'

// Each world has its own: a simulated one does not share the clock of another.
let shared = new Map<World, Map<string, Hypervisor>>()

/** Nothing is connected before the first call. @throws Fault `libvirt.bad_uri` */
export function hypervisorOf({ world }: Pick<OperationContext, 'world'>, uri: string, access?: Access): Hypervisor {
  const own = shared.get(world) ?? new Map<string, Hypervisor>()
  shared.set(world, own)
  const key = keyOf(uri, access)
  const known = own.get(key)
  if (known) return known
  const opened = openHypervisor({ uri, access, world })
  own.set(key, opened)
  return opened
}

// Kept in memory alone. A secret shows itself as a mask unless it is asked.
function keyOf(uri: string, access: Access | undefined): string {
  return JSON.stringify([uri, access ?? {}], function (this: Readonly<Record<string, unknown>>, name, value: unknown) {
    const own = this[name]
    return own instanceof Secret ? own.reveal() : value
  })
}

/** Ends all connections; who asks afterwards gets new ones. */
export async function closeSharedHypervisors(): Promise<void> {
  const ended = [...shared.values()].flatMap((own) => [...own.values()])
  shared = new Map()
  await Promise.all(ended.map((hypervisor) => hypervisor.close()))
  // The way of those that are reached over SSH.
  if (ended.length > 0) await closeSharedConnections()
}
