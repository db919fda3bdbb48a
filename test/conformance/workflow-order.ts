// A record of what a peer's workflow does and in which order, held against what ours does on the same blueprint.
//
// What must come before what: `before` of a record, with everything that follows from it, and one graph of a record
// before the next. Of that, what our promises make as well:
// - install, uninstall, reinstall, start, stop, restart, execute_operation: all of it. There the peer's order says only
//   what dependencies and the stages of one instance ask for.
// - backup, restore: services are prepared before computes, everything is prepared before the first cut, cut before
//   the first is finalized, and computes are finalized before services. Within one of these phases the peer goes through
//   its list of instances one by one; that is how it runs, not what anyone relies on. Ours takes independent instances
//   together, prepares dependents before what they depend on and finalizes in reverse. The cuts of a restore go
//   dependencies first in both.
// - resume, statistics: the peer goes through a list again; what depends must come after what it depends on, but only
//   for resume: a measurement has no order.
// - suspend, remove_backup: the peer's list has dependencies first. Ours has dependents first, so that nobody loses what
//   they rely on while they still run; the test holds us to that instead. (suspend also has two rounds there, one for
//   each of two interfaces; ours calls one of them on each node.)
import type { Deployment } from '../../src/blueprint/plan.ts'
import { parseBlueprint } from '../../src/blueprint/parse-blueprint.ts'
import { prepareDeployment } from '../../src/blueprint/prepare-deployment.ts'
import { Fault } from '../../src/kernel/fault.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import { firstDifference, sortedByKey } from './compare.ts'
import type { ConformanceRecord } from './records.ts'
import { WorkflowSite, type Noted } from './workflow-site.ts'

export interface PeerTask {
  readonly op?: string
  readonly set_state?: string
  readonly on: string
  readonly related?: string
  readonly as?: string
  readonly inputs?: JsonObject
}

export interface OrderResult {
  readonly workflow: string
  /** Pairs that must hold in both. */
  readonly checked: number
  readonly agreed: number
  /** Pairs of the peer that are no promise of ours. */
  readonly free: number
  readonly differences: readonly string[]
  /** Where we go another way on purpose. */
  readonly reasons: readonly string[]
}

const wholeOrder = new Set(['install', 'uninstall', 'reinstall', 'start', 'stop', 'restart', 'execute_operation'])

/** Workflows of which we promise dependents first, whatever the peer's list says. */
const dependentsFirst = new Set(['suspend', 'remove_backup'])

/** What the peer does and we do not, or the other way round, and why. */
const tolerated: readonly { readonly reason: string; readonly is: (workflow: string, task: PeerTask) => boolean }[] = [
  {
    reason: 'the interface of old blueprints counts only where the node does not offer the one of today',
    is: (workflow, task) =>
      (workflow === 'suspend' && task.op === 'cloudify.interfaces.lifecycle.suspend') ||
      (workflow === 'resume' && task.op === 'cloudify.interfaces.lifecycle.resume'),
  },
]

/** What the peer passes over and we refuse, by the code of the fault. */
const refusedOnPurpose: Readonly<Record<string, string>> = {
  'plan.unknown_node_type': 'a type that no node has is told, and not taken for a wish to do nothing',
  'catalog.not_restorable': 'what has no part in a backup is not restored from it',
}

export async function orderOf(record: ConformanceRecord): Promise<OrderResult> {
  const deployment = deploymentOf(record)
  await using site = await WorkflowSite.open(deployment)
  const workflow = record.workflow ?? ''
  const parameters = record.parameters ?? {}
  const fail = (difference: string): OrderResult => ({
    workflow,
    checked: 1,
    agreed: 0,
    free: 0,
    differences: [`${record.id}: ${difference}`],
    reasons: [],
  })
  if (record.after_install === true) await site.run('install', {})
  const name = parameters['snapshot_name']
  if ((workflow === 'restore' || workflow === 'remove_backup') && name !== undefined)
    await site.run('backup', { snapshot_name: name })
  let noted: readonly Noted[]
  try {
    noted = await site.run(workflow, parameters)
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    const none = { workflow, free: 0, differences: [], reasons: [] }
    if (record.outcome === 'error') return { ...none, checked: 1, agreed: 1 }
    const reason = refusedOnPurpose[thrown.code]
    if (reason === undefined) return fail(`failed: ${thrown.message}`)
    return { ...none, checked: 1, agreed: 0, reasons: [`${record.id}: ${reason}`] }
  }
  if (record.outcome === 'error') return fail('ran, but an error was expected')
  return compare(record, site, deployment, noted)
}

function deploymentOf(record: ConformanceRecord): Deployment {
  let count = 0
  const parsed = parseBlueprint({ main: record.yaml })
  const prepared =
    parsed.plan && prepareDeployment(parsed.plan, { newSuffix: () => String((count += 1)).padStart(6, '0') })
  if (prepared?.deployment) return prepared.deployment
  throw new TypeError(`${record.id}: the blueprint is refused`)
}

interface Task {
  readonly task: PeerTask
  readonly graph: number
  readonly name: string
}

function compare(
  record: ConformanceRecord,
  site: WorkflowSite,
  deployment: Deployment,
  noted: readonly Noted[],
): OrderResult {
  const workflow = record.workflow ?? ''
  const ids = instanceIds(record, deployment)
  const tasks = (record.graphs ?? []).flatMap(({ tasks: list }, graph) =>
    list.map((task) => ({ task, graph, name: nameOf(task, ids) })),
  )
  const byName = new Map(noted.map((entry) => [entry.name, entry]))
  const dependsOn = reachable(deployment)
  const differences = [
    ...differentTasks(workflow, tasks, noted),
    ...differentStates(record, site, ids),
    ...(dependentsFirst.has(workflow) ? brokenPromises(noted, dependsOn) : []),
  ]
  let checked = 0
  let agreed = 0
  let free = 0
  for (const [earlier, later] of pairsOf(record, tasks)) {
    const [first, second] = [byName.get(earlier.name), byName.get(later.name)]
    if (first === undefined || second === undefined) continue
    if (!must(workflow, earlier, later, ids, dependsOn)) {
      free += 1
      continue
    }
    checked += 1
    if (first.ended < second.began) agreed += 1
    else differences.push(`'${earlier.name}' must end before '${later.name}' begins`)
  }
  return {
    workflow,
    checked,
    agreed,
    free,
    differences: differences.map((text) => `${record.id}: ${text}`),
    reasons: [],
  }
}

type Ids = ReadonlyMap<string, string>
type Reach = (from: string, to: string) => boolean

function must(workflow: string, earlier: Task, later: Task, ids: Ids, dependsOn: Reach): boolean {
  if (wholeOrder.has(workflow)) return true
  if (workflow === 'suspend') return false
  const isBehind = dependsOn(ids.get(later.task.on) ?? '', ids.get(earlier.task.on) ?? '')
  if (workflow === 'resume') return isBehind
  const phases = [phaseOf(earlier.task), phaseOf(later.task)]
  if (phases[0] !== phases[1]) return true
  return phases[0] === 'cloudify.interfaces.snapshot.apply' && isBehind
}

/** The operation, and which half of the members it is for. */
function phaseOf({ op = '', inputs = {} }: PeerTask): string {
  const included = inputs['include_node_types']
  return Array.isArray(included) ? `${op} ${included.length > 0 ? 'computes' : 'services'}` : op
}

/** `before` with all that follows from it, and every task of a graph before every task of the next. */
function* pairsOf(record: ConformanceRecord, tasks: readonly Task[]): Generator<readonly [Task, Task]> {
  let offset = 0
  for (const [graph, { tasks: list, before }] of (record.graphs ?? []).entries()) {
    const after = closure(list.length, before)
    for (const [index] of list.entries()) {
      const earlier = tasks[offset + index] as Task
      for (const next of after[index] ?? []) yield [earlier, tasks[offset + next] as Task]
      for (const later of tasks) if (later.graph > graph) yield [earlier, later]
    }
    offset += list.length
  }
}

function closure(size: number, before: readonly (readonly [number, number])[]): ReadonlySet<number>[] {
  const after = Array.from({ length: size }, () => new Set<number>())
  for (const [from, to] of before) after[from]?.add(to)
  for (const [index, found] of after.entries()) {
    const pending = [...found]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const further of after[next] ?? []) {
        if (found.has(further)) continue
        found.add(further)
        pending.push(further)
      }
    }
    after[index] = found
  }
  return after
}

/** Instances of the record by their ids here: the k-th of a node is the k-th of a node. */
function instanceIds(record: ConformanceRecord, deployment: Deployment): Ids {
  const left = new Map<string, string[]>()
  for (const { id, nodeId } of deployment.instances) left.set(nodeId, [...(left.get(nodeId) ?? []), id])
  return new Map(
    (record.instances ?? []).map(({ id }) => {
      const [node, position] = String(id).split('#') as [string, string]
      return [String(id), left.get(node)?.[Number(position)] ?? '']
    }),
  )
}

function nameOf({ op, set_state: state, on, related, as }: PeerTask, ids: Ids): string {
  const id = ids.get(on)
  if (state !== undefined) return `${id} =${state}`
  return related === undefined ? `${id} ${op}` : `${id} ${op} ${as} ${ids.get(related)}`
}

/** Operations that only one side runs, or runs with other inputs. States are compared only where the peer sets them, too: ours say more. */
function differentTasks(workflow: string, tasks: readonly Task[], noted: readonly Noted[]): string[] {
  const ours = new Set(noted.map(({ name }) => name))
  const theirs = new Set(tasks.map(({ name }) => name))
  const missing = tasks.filter(({ name, task }) => !ours.has(name) && !tolerated.some(({ is }) => is(workflow, task)))
  const given = new Map(noted.map(({ name, inputs }) => [name, inputs]))
  const otherInputs = tasks.flatMap(({ name, task }) => {
    if (task.inputs === undefined || !given.has(name)) return []
    return firstDifference(sortedByKey(task.inputs), sortedByKey(given.get(name) ?? {}), `'${name}'`) ?? []
  })
  const extra = noted.filter(({ name }) => !theirs.has(name) && !name.includes(' ='))
  return [
    ...missing.map(({ name }) => `'${name}' was not done`),
    ...otherInputs,
    ...extra.map(({ name }) => `'${name}' was done, but is not in the record`),
  ]
}

function differentStates(record: ConformanceRecord, site: WorkflowSite, ids: Ids): string[] {
  return Object.entries(record.final_states ?? {}).flatMap(([id, state]) => {
    const found = site.topology.get(ids.get(id) ?? '').state
    return found === state ? [] : [`'${id}' ends ${found}, expected ${String(state)}`]
  })
}

function brokenPromises(noted: readonly Noted[], dependsOn: Reach): string[] {
  const on = ({ name }: Noted): string => name.split(' ')[0] ?? ''
  return noted.flatMap((dependent) =>
    noted
      .filter((other) => dependsOn(on(dependent), on(other)) && dependent.ended > other.began)
      .map((other) => `'${dependent.name}' must end before '${other.name}' begins`),
  )
}

/** Whether an instance depends on another, directly or by way of others. */
function reachable(deployment: Deployment): Reach {
  const position = new Map(deployment.instances.map(({ id }, index) => [id, index]))
  const edges = deployment.instances.flatMap(({ relationships }, index) =>
    relationships.map(({ targetId }) => [index, position.get(targetId) ?? index] as const),
  )
  const after = closure(deployment.instances.length, edges)
  return (from, to) => from !== to && (after[position.get(from) ?? -1]?.has(position.get(to) ?? -1) ?? false)
}
