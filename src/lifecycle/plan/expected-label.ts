// The best label that a part can get: what is measured in the run may be less, never more.
import type { Consistency } from '../../plugins/contract/consistency.ts'
import { computeType, fsPrepare } from '../operations.ts'
import type { Site } from '../site.ts'
import type { Instance } from '../topology.ts'
import type { ExpectedPart } from './execution-plan.ts'

/** `frozen`: who is frozen in the bracket; `left`: who does fs_prepare, but is left running by policy. */
export function expectedPart(
  site: Site,
  member: Instance,
  frozen: readonly Instance[],
  left: readonly Instance[],
): ExpectedPart {
  const concerns = (other: Instance): boolean =>
    other.id === member.id ||
    other.id === member.hostId ||
    (member.hostId !== undefined && other.hostId === member.hostId)
  const still = frozen.filter(concerns)
  const running = left.filter(concerns)
  const label = (consistency: Consistency, reason: string | null): ExpectedPart => ({
    instance: member.id,
    consistency,
    reason,
  })
  if (running.length > 0)
    return label('crash', `${running.map(({ id }) => id).join(', ')} is not frozen, by its policy`)
  if (still.length === 0) return label('crash', 'nothing is frozen for it')
  if (still.some((other) => given(site, other) === 'application')) return label('application', null)
  return label('filesystem', 'no service is told to stand still, only the machine')
}

function given(site: Site, member: Instance): Consistency {
  const planned = member.planned.operations[fsPrepare]
  const operation = planned && site.findOperation(planned.plugin, planned.operation)
  const isCompute = member.node.typeHierarchy.includes(computeType)
  return (operation?.kind === 'freeze' ? operation.gives : undefined) ?? (isCompute ? 'filesystem' : 'application')
}
