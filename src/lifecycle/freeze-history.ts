// How long nodes stood still before, as the ledger knows it: what the next freeze is likely to take.
import type { Duration } from '../kernel/duration.ts'
import type { Store } from '../store/store.ts'

/** Windows of a node that count. */
const windows = 10

const newestWindows =
  'select node_id, max(thawed_at - frozen_at) as longest from (' +
  'select node_id, frozen_at, thawed_at, row_number() over (partition by node_id order by frozen_at desc, execution_id, instance_id) as place ' +
  'from freezes where deployment_id = ? and thawed_at is not null and seen_frozen_at is not null and expired = 0 and exists (' +
  "select 1 from steps where steps.execution_id = freezes.execution_id and steps.key = freezes.bracket || '/thawed')) as windows " +
  'where place <= ? group by node_id'

/**
 * Node id -> the longest of its last ten freezes in brackets that came through: what a crash or a lease that ended made of
 * others says nothing of the next one. Nodes that have none are absent.
 */
export async function predictFreeze(
  store: Pick<Store, 'read'>,
  deploymentId: string,
  nodeIds: readonly string[],
): Promise<ReadonlyMap<string, Duration>> {
  if (nodeIds.length === 0) return new Map()
  const rows = await store.read<{ node_id: string; longest: number }>(newestWindows, [deploymentId, windows])
  const wanted = new Set(nodeIds)
  return new Map(rows.filter((row) => wanted.has(row.node_id)).map((row) => [row.node_id, Number(row.longest)]))
}
