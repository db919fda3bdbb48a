// Whether the guest of a node's machine is frozen by us at all, and how it is reached for that.
import type { JsonObject } from '../../../kernel/json.ts'
import { Fault, fault } from '../../../kernel/fault.ts'
import { Secret } from '../../../kernel/secret.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Mounts } from '../../guest/mounts.ts'
import { Guest, type GuestLogin } from '../client/guest.ts'
import { vcenterOf } from '../client/shared-vcenters.ts'
import type { VCenter } from '../client/vcenter.ts'
import type { Ref } from '../client/value.ts'
import { Reader } from '../reader.ts'
import { settingsOf, type VsphereSettings } from '../settings.ts'
import { machineAt } from '../machine/machine-of.ts'
import type { Machine } from '../machine/machine.ts'
import { mountsOf } from './mounts.ts'

export interface FreezeScene {
  readonly guest: Guest
  readonly machine: Machine
  readonly mounts: Mounts
  /** Names what its memory belongs to: the machine, and when it was started. */
  readonly run: string
}

/** `unasked`: it has no freeze of ours. `still`: nothing of it moves. */
export type Found =
  | { readonly kind: 'guest'; readonly scene: FreezeScene }
  | { readonly kind: 'unasked'; readonly reason: string }
  | { readonly kind: 'still'; readonly reason: string }

/** `isReplaced`: state is put back, and what is off or gone stands still. @throws Fault `vsphere.cannot_freeze` for guests that cannot be frozen this way, `vsphere.no_guest` */
export async function findGuest(
  ctx: OperationContext,
  inputs: JsonObject = {},
  isReplaced = ctx.bracket?.purpose === 'replace',
): Promise<Found> {
  const settings = await settingsOf(ctx, inputs)
  const login = loginOf(settings)
  if (login === undefined) return { kind: 'unasked', reason: 'it has no guest_credentials' }
  const mounts = mountsOf(settings)
  const vcenter = await vcenterOf(ctx, settings.connectionConfig)
  const machine = await machineOrNone(vcenter, settings)
  if (machine instanceof Fault) {
    if (isReplaced) return { kind: 'still', reason: machine.message }
    throw machine
  }
  const { values } = await vcenter.read(machine.ref, ['config.guestId', 'runtime.bootTime', 'runtime.powerState'])
  if (values.get('runtime.powerState') === undefined) throw hidden(machine)
  const isWindows = isWindowsNode(ctx) || (values.get('config.guestId')?.text ?? '').startsWith('win')
  if (isWindows) throw cannotFreeze(machine.name, windows)
  const state = `the machine is ${machine.power}`
  if (machine.power !== 'poweredOn')
    // One that is off may have been turned off in the middle of its work: only for what is put back it stands still.
    return isReplaced ? { kind: 'still', reason: state } : { kind: 'unasked', reason: state }
  const guest = new Guest(vcenter, { machine: machine.ref, name: machine.name, login })
  const run = runOf(machine.ref, values.get('runtime.bootTime')?.text)
  return { kind: 'guest', scene: { guest, machine, mounts, run } }
}

async function machineOrNone(vcenter: VCenter, settings: VsphereSettings): Promise<Machine | Fault> {
  try {
    return await machineAt({ vcenter, settings })
  } catch (thrown) {
    if (thrown instanceof Fault && ['vsphere.missing', 'vsphere.not_created'].includes(thrown.code)) return thrown
    throw thrown
  }
}

/** undefined: the guest is not ours to work in. @throws Fault `vsphere.bad_property` */
export function loginOf({ options }: Pick<VsphereSettings, 'options'>): GuestLogin | undefined {
  if (!options.has('guest_credentials')) return undefined
  const read = new Reader(options.below('guest_credentials').values, 'guest_credentials')
  if (!read.has('username') && !read.has('password')) return undefined
  return {
    username: read.required('username', read.text),
    password: new Secret(read.required('password', read.text)),
  }
}

function isWindowsNode({ node }: Pick<OperationContext, 'node'>): boolean {
  return (
    node.properties['os_family'] === 'windows' ||
    node.typeHierarchy.some((type) => /^cloudify\.(?:nodes\.vsphere|vsphere\.nodes)\.WindowsServer$/.test(type))
  )
}

// Who may not see that it runs must not take it for off.
function hidden({ ref }: Machine): Fault {
  const details = { call: `RetrievePropertiesEx ${ref.id}`, message: 'its power cannot be seen', fault: 'NoPermission' }
  return fault('vsphere.denied', { details })
}

const windows = 'a Windows guest is made to stand still by VSS, with its quiesced snapshot; leave out guest_credentials'

/** Its power, and with it its memory, began then. */
export const runOf = ({ id }: Ref, bootTime: string | undefined): string => `${id} ${bootTime ?? ''}`.trim()

export function cannotFreeze(machine: string, reason: string): Fault {
  return fault('vsphere.cannot_freeze', { details: { machine, reason } })
}
