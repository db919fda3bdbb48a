// Reading: events, nodes, node instances, statistics.
import type { JsonObject } from '../kernel/json.ts'
import type { EventRecord, Fermata, NodeInstanceRecord, NodeRecord, StatisticsSeries } from './api.ts'
import type { Engine } from './engine.ts'
import { notFound } from './not-found.ts'
import { executionRow } from './execution-queries.ts'
import { deploymentRow, loadPrepared, type Prepared } from './plans.ts'
import { eventRecord } from './rows.ts'
import type { NodeInstanceRow } from '../store/tables.ts'

const lookEvery = 200
const pageSize = 1000

export function eventsOf(engine: Engine): Fermata['events'] {
  const list: Fermata['events']['list'] = async ({ executionId, after = 0, limit }) => {
    const { deployment_id } = await executionRow(engine, executionId)
    const query = engine.store.query
      .selectFrom('events')
      .selectAll()
      .where('execution_id', '=', executionId)
      .where('sequence', '>', after)
      .orderBy('sequence')
    const rows = await (limit === undefined ? query : query.limit(limit)).execute()
    return rows.map((row) => eventRecord(row, deployment_id))
  }

  async function* follow({
    executionId,
    after = 0,
    signal,
  }: Parameters<Fermata['events']['follow']>[0]): AsyncIterable<EventRecord> {
    let seen = after
    for (;;) {
      // Asked before the events are read: what is written by then is the end.
      const isOver = (await executionRow(engine, executionId)).ended_at !== null
      const events = await list({ executionId, after: seen, limit: pageSize })
      yield* events
      seen = events.at(-1)?.sequence ?? seen
      if (isOver && events.length < pageSize) return
      if (signal?.aborted) return
      if (events.length < pageSize) await engine.world.clock.sleep(lookEvery, signal).catch(() => {})
    }
  }
  return { list, follow }
}

export function nodesOf(engine: Engine): Fermata['nodes'] {
  return {
    async list(deploymentId) {
      const { nodes, instances } = await loadPrepared(engine, deploymentId)
      const counts = new Map<string, number>()
      for (const { nodeId } of instances) counts.set(nodeId, (counts.get(nodeId) ?? 0) + 1)
      return nodes.map((node): NodeRecord => ({
        id: node.id,
        type: node.type,
        typeHierarchy: node.typeHierarchy,
        hostId: node.hostId,
        instances: counts.get(node.id) ?? 0,
        properties: node.properties,
        operations: Object.keys(node.operations).filter((name) => node.operations[name]?.plugin !== ''),
      }))
    },
  }
}

export function nodeInstancesOf(engine: Engine): Fermata['nodeInstances'] {
  const { query } = engine.store
  const rowOf = async (id: string): Promise<NodeInstanceRow> => {
    const row = await query.selectFrom('node_instances').selectAll().where('id', '=', id).executeTakeFirst()
    if (row) return row
    const known = await query.selectFrom('node_instances').select('id').limit(10_000).execute()
    throw notFound(
      'node instance',
      id,
      known.map((instance) => instance.id),
    )
  }
  return {
    async list(deploymentId) {
      await deploymentRow(engine, deploymentId)
      const prepared = await loadPrepared(engine, deploymentId)
      const rows = await query
        .selectFrom('node_instances')
        .selectAll()
        .where('deployment_id', '=', deploymentId)
        .execute()
      const rowById = new Map(rows.map((row) => [row.id, row]))
      return prepared.instances.flatMap(({ id }) => {
        const row = rowById.get(id)
        return row ? [instanceRecord(row, prepared)] : []
      })
    },
    async get(id) {
      const row = await rowOf(id)
      return instanceRecord(row, await loadPrepared(engine, row.deployment_id))
    },
    async statistics(id) {
      const { deployment_id } = await rowOf(id)
      const points = await query
        .selectFrom('statistics')
        .selectAll()
        .where('deployment_id', '=', deployment_id)
        .where('instance_id', '=', id)
        .orderBy('name')
        .orderBy('time')
        .execute()
      const series = new Map<string, { unit: string | null; points: { time: number; value: number }[] }>()
      for (const { name, unit, time, value } of points) {
        const one = series.get(name) ?? { unit, points: [] }
        one.points.push({ time, value })
        series.set(name, one)
      }
      return [...series].map(([name, one]): StatisticsSeries => ({ instanceId: id, name, ...one }))
    },
  }
}

function instanceRecord(row: NodeInstanceRow, prepared: Prepared): NodeInstanceRecord {
  const planned = prepared.instances.find((instance) => instance.id === row.id)
  return {
    id: row.id,
    nodeId: row.node_id,
    deploymentId: row.deployment_id,
    hostId: planned?.hostId ?? null,
    state: row.state,
    runtimeProperties: JSON.parse(row.runtime_properties) as JsonObject,
    relationships: (planned?.relationships ?? []).map(({ type, targetId }) => ({ type, targetId })),
  }
}
