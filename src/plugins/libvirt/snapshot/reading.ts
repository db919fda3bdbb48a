// What has to be known of a domain before it can be snapshotted. Read before the freeze where there is one: the guest
// should not stand still for a question.
import type { Consistency } from '../../contract/consistency.ts'
import type { OperationContext } from '../../contract/context.ts'
import { shutOffReasons, type DomainState } from '../client/codes.ts'
import type { NodeDomain } from '../domain/domain-of.ts'
import { stateOf } from '../domain/state.ts'
import { parseXml } from '../xml/parse.ts'
import { disksOf, hasFirmwareFile, type DomainDisk } from './disks.ts'

export interface DomainReading {
  readonly uuid: string
  readonly state: DomainState
  /** It was turned off in order, so that its disks hold all of it. */
  readonly isCleanlyOff: boolean
  readonly disks: readonly DomainDisk[]
  readonly hasFirmwareFile: boolean
}

export async function readDomain(ctx: OperationContext, { hypervisor, dom }: NodeDomain): Promise<DomainReading> {
  const { signal } = ctx
  const [{ xml }, { state, reason }] = await Promise.all([
    hypervisor.call('DOMAIN_GET_XML_DESC', { dom }, { signal }),
    stateOf(ctx, { hypervisor, dom }),
  ])
  const domain = parseXml(xml, `the domain '${dom.name}'`)
  return {
    uuid: dom.uuid,
    state,
    isCleanlyOff: state === 'shut off' && reason === shutOffReasons.shutdown,
    disks: disksOf(domain),
    hasFirmwareFile: hasFirmwareFile(domain),
  }
}

export const isUp = (state: DomainState): boolean => ['running', 'blocked', 'paused', 'pm-suspended'].includes(state)

export function consistencyOf({ state, isCleanlyOff }: DomainReading, isWithMemory: boolean): Consistency | undefined {
  return isCleanlyOff || (isUp(state) && isWithMemory) ? 'filesystem' : undefined
}
