// Turns a domain off as by pulling the plug, and sees that it is. A crashed one that was kept is turned off, too.
import { seconds } from '../../../kernel/duration.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { NodeDomain } from './domain-of.ts'
import { unlessDone } from './go-on.ts'
import { reach, stateOf, type StateOfDomain } from './state.ts'

const patience = seconds(60)

export async function destroy(ctx: OperationContext, place: NodeDomain): Promise<void> {
  const { hypervisor, dom } = place
  const isReached = ({ state }: StateOfDomain): boolean => state === 'shut off'
  if (isReached(await stateOf(ctx, place))) return
  await unlessDone(hypervisor.urgent.call('DOMAIN_DESTROY', { dom }, { signal: ctx.signal }))
  await reach(ctx, place, { word: 'turned off', limit: patience, isReached })
}
