// What networks and pools have in common, and what each does in its own way.
import type { OperationContext } from '../../contract/context.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Passing } from '../compare/leaves.ts'
import { hypervisorOfNode, knownUuid } from '../domain/domain-of.ts'
import { missing, notCreated } from '../errors.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { LibvirtSettings } from '../settings.ts'
import type { XmlElement } from '../xml/element.ts'
import type { Identity } from './identity.ts'

export type Scene = Pick<OperationContext, 'signal'>

/** As it is defined, and what libvirt keeps beside that. */
export interface Snapshot {
  readonly xml: string
  readonly isActive: boolean
  readonly isAutostart: boolean
}

export interface ResourceKind<Handle extends Identity = Identity> {
  readonly word: 'network' | 'pool'
  /** What the document holds that nobody wanted or that only tells of the moment. */
  readonly passing: Passing
  /** undefined: there is none. By its uuid where that is known: another one under the same name is another one. */
  find(scene: Scene, hypervisor: Hypervisor, wanted: Partial<Identity>): Promise<Handle | undefined>
  read(scene: Scene, hypervisor: Hypervisor, handle: Handle): Promise<Snapshot>
  define(scene: Scene, hypervisor: Hypervisor, xml: string): Promise<Handle>
  start(scene: Scene, hypervisor: Hypervisor, handle: Handle): Promise<void>
  stop(scene: Scene, hypervisor: Hypervisor, handle: Handle): Promise<void>
  setAutostart(scene: Scene, hypervisor: Hypervisor, handle: Handle, isAutostart: boolean): Promise<void>
  /** From the params of a blueprint. @throws Fault `libvirt.bad_property` */
  describe(params: JsonObject, identity: Identity): XmlElement
  /** Makes what is there as the backup has it, without a stop where that is possible. False: it cannot. */
  change(ctx: OperationContext, hypervisor: Hypervisor, change: Change<Handle>): Promise<boolean>
  /** Who would notice that it stops. */
  users(scene: Scene, hypervisor: Hypervisor, handle: Handle): Promise<readonly string[]>
}

export interface Change<Handle> {
  readonly handle: Handle
  readonly from: XmlElement
  readonly to: XmlElement
  readonly isActive: boolean
}

export interface NodeResource<Handle> {
  readonly hypervisor: Hypervisor
  readonly handle: Handle
  readonly settings: LibvirtSettings
}

/** @throws Fault `libvirt.not_created`, `libvirt.missing` */
export async function resourceOf<Handle extends Identity>(
  ctx: OperationContext,
  kind: ResourceKind<Handle>,
  inputs: JsonObject = {},
): Promise<NodeResource<Handle>> {
  const { hypervisor, settings } = await hypervisorOfNode(ctx, inputs)
  const { resourceId: name } = settings
  const uuid = knownUuid(ctx)
  if (name === undefined && uuid === undefined) throw notCreated(kind.word)
  const handle = await kind.find(ctx, hypervisor, wanted(name, uuid))
  if (handle === undefined) throw missing(hypervisor, kind.word, name ?? uuid ?? '')
  return { hypervisor, handle, settings }
}

export const wanted = (name: string | undefined, uuid: string | undefined): Partial<Identity> => ({
  ...(name === undefined ? {} : { name }),
  ...(uuid === undefined ? {} : { uuid }),
})
