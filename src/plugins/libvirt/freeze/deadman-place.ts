// Where the deadman of a guest lives: in the guest or beside its hypervisor, as the node asks for it or as serves it best.
import type { OperationContext } from '../../contract/context.ts'
import type { NodeDomain } from '../domain/domain-of.ts'
import { whyNotInGuest } from './guest-deadman.ts'
import { whyNotBesideSocket } from './host-deadman.ts'
import { isOverSsh, onHypervisor } from './hypervisor-deadman.ts'

const wishes = ['auto', 'guest', 'host'] as const

/** `reason`: why it is not better; for `none` why there is none. */
export interface DeadmanPlace {
  readonly kind: 'guest' | 'host' | 'none'
  readonly reason: string | null
}

/** Changes nothing that lasts. @throws Fault `libvirt.bad_property` */
export async function placeOfDeadman(ctx: OperationContext, found: NodeDomain): Promise<DeadmanPlace> {
  const wish = found.settings.options.oneOf('deadman', wishes) ?? 'auto'
  if (wish === 'auto' && (await isDearInside(ctx, found))) return { kind: 'host', reason: dear }
  const inside = wish === 'host' ? askedBeside : await whyNotInGuest(ctx, found)
  if (inside === null) return { kind: 'guest', reason: null }
  const beside = await whyNotBeside(ctx, found)
  return beside === null ? { kind: 'host', reason: inside } : { kind: 'none', reason: `${inside}; ${beside}` }
}

const askedBeside = 'the deadman is to be beside the hypervisor'
const dear = 'the guest is emulated: a program in it takes longer than all the rest of a freeze'

// Each program that is started in an emulated guest costs a tenth of a second and more of a processor, and a guard beside
// the socket serves a whole group. Where the processor runs the guest itself, the stronger one is as good as free.
async function isDearInside(ctx: OperationContext, { hypervisor, dom, settings }: NodeDomain): Promise<boolean> {
  if (whyNotBesideSocket(settings.uri) !== null) return false
  const { xml } = await hypervisor.call('DOMAIN_GET_XML_DESC', { dom }, { signal: ctx.signal })
  return emulated.test(xml)
}

/** How libvirt begins its description of such a domain; all the rest of that need not be read for it. */
const emulated = /^\s*<domain\s[^>]*\btype=['"]qemu['"]/

async function whyNotBeside(ctx: OperationContext, { settings }: NodeDomain): Promise<string | null> {
  if (!isOverSsh(settings.uri)) return whyNotBesideSocket(settings.uri)
  const found = await onHypervisor.probe?.(ctx)
  return found?.kind === 'none' ? (found.reason ?? 'there can be none') : null
}
