// What each host of a run came to, read from the steps of its execution.
import type { FaultRecord } from '../kernel/fault.ts'
import { isJsonObject, type JsonObject } from '../kernel/json.ts'
import type { StepRow } from '../store/tables.ts'
import type { ExecutionRecord } from './api.ts'
import type { Engine } from './engine.ts'
import { fleetHostStates, type FleetHostReport, type FleetReport, type FleetStepReport } from './fleet-api.ts'
import { loadPrepared } from './plans.ts'

export async function fleetReport(engine: Engine, execution: ExecutionRecord): Promise<FleetReport> {
  const rows = await engine.store.read<StepRow>('select * from steps where execution_id = ? order by started_at', [
    execution.id,
  ])
  const phases = phasesOf(execution.parameters)
  const byInstance = new Map<string, StepRow[]>()
  let ids: readonly string[] = []
  for (const row of rows) {
    const slash = row.key.indexOf('/')
    const [phase, instance] = [row.key.slice(0, slash), row.key.slice(slash + 1)]
    if (row.key === 'step/fleet' && row.result !== null) ids = (JSON.parse(row.result) as { hosts: string[] }).hosts
    else if (phases.includes(phase)) byInstance.set(instance, [...(byInstance.get(instance) ?? []), row])
  }
  const names = await namesOf(engine, execution.deploymentId)
  const isOver = execution.endedAt !== null
  const hosts = ids.map((id) => hostReport(id, names.get(id) ?? id, byInstance.get(id) ?? [], { phases, isOver }))
  const counts = Object.fromEntries(
    fleetHostStates.map((state) => [state, hosts.filter((host) => host.state === state).length]),
  ) as FleetReport['counts']
  return { execution, counts, hosts }
}

/** The steps of each host, in their order. */
function phasesOf(parameters: JsonObject): readonly string[] {
  const commands = Array.isArray(parameters['commands']) ? parameters['commands'] : []
  return [
    ...commands.map((_command, index) => `command-${index + 1}`),
    ...(parameters['reboot'] === true ? ['reboot'] : []),
    ...(typeof parameters['check'] === 'string' && parameters['check'] !== '' ? ['check'] : []),
  ]
}

function hostReport(
  instanceId: string,
  host: string,
  rows: readonly StepRow[],
  { phases, isOver }: { readonly phases: readonly string[]; readonly isOver: boolean },
): FleetHostReport {
  const steps = phases.flatMap((phase) => {
    const row = rows.find(({ key }) => key === `${phase}/${instanceId}`)
    return row ? [{ row, report: stepReport(phase, row) }] : []
  })
  const last = steps.at(-1)
  return {
    host,
    instanceId,
    state: stateOf(steps.length === phases.length, last?.report, isOver),
    steps: steps.map(({ report }) => report),
    startedAt: steps[0]?.row.started_at ?? null,
    endedAt: last?.row.ended_at ?? null,
  }
}

function stateOf(isComplete: boolean, last: FleetStepReport | undefined, isOver: boolean): FleetHostReport['state'] {
  if (!last) return 'not_begun'
  if (last.state === 'done') return isComplete ? 'done' : isOver ? 'failed' : 'running'
  // Its process died, or it was cancelled in the middle: what came of it is asked when it is resumed.
  if (last.state === 'running') return isOver ? 'in_doubt' : 'running'
  return last.error?.effect === 'unknown' ? 'in_doubt' : 'failed'
}

function stepReport(name: string, row: StepRow): FleetStepReport {
  const error = row.fault === null ? null : (JSON.parse(row.fault) as FaultRecord)
  const result: unknown = row.result === null ? null : JSON.parse(row.result)
  const told = isJsonObject(result as JsonObject) ? (result as JsonObject) : (error?.details ?? {})
  const text = (key: string): string => (typeof told[key] === 'string' ? told[key] : '')
  const count = (key: string): number => (typeof told[key] === 'number' ? told[key] : 0)
  return {
    name,
    state: row.state === 'intent' ? 'running' : row.state === 'done' ? 'done' : 'failed',
    attempts: row.attempt,
    exitCode: typeof told['exit_code'] === 'number' ? told['exit_code'] : null,
    stdout: text('stdout'),
    stderr: text('stderr'),
    stdoutBytes: count('stdout_bytes'),
    stderrBytes: count('stderr_bytes'),
    error,
  }
}

/** Instance id -> what people call the host. */
async function namesOf(engine: Engine, deploymentId: string): Promise<ReadonlyMap<string, string>> {
  const { nodes } = await loadPrepared(engine, deploymentId)
  const addresses = new Map(nodes.map((node) => [node.id, node.properties['ip']]))
  const rows = await engine.store.read<{ id: string; node_id: string; runtime_properties: string }>(
    'select id, node_id, runtime_properties from node_instances where deployment_id = ?',
    [deploymentId],
  )
  return new Map(
    rows.map((row) => {
      const own = JSON.parse(row.runtime_properties) as JsonObject
      const named = [own['fleet_name'], own['ip'], addresses.get(row.node_id)]
      return [row.id, named.find((name) => typeof name === 'string' && name !== '')?.toString() ?? row.id]
    }),
  )
}
