// When each planned call would begin and end: as many at once as the run has places, each as long as it was predicted.
import type { Duration } from '../../kernel/duration.ts'
import type { CallRole, PlannedPhase, Timeline } from './execution-plan.ts'
import { largest, median } from './figures.ts'
import type { DraftCall, DraftPhase } from './recorder.ts'

/** Of calls that were never run here, when nothing else was either. */
const assumedAlone: Duration = 1000

interface Node {
  readonly call: DraftCall | null
  /** How many others must end before. */
  waits: number
  readonly followers: Node[]
  from: Duration
  to: Duration
}

export interface Places {
  free: number
}

export interface TimedPlan {
  readonly phases: readonly PlannedPhase[]
  readonly timeline: Timeline
}

/** `places`: how many calls of a role may run at once; roles that share an object share its places. */
export function timed(drafts: readonly DraftPhase[], places: (role: CallRole) => Places): TimedPlan {
  const phases = withoutEmpty(drafts)
  const calls = phases.flatMap((phase) => phase.calls)
  const known = calls.map((call) => call.predicted).filter((length) => length !== null)
  const assumed = known.length === 0 ? assumedAlone : median(known)
  const nodes = connected(phases)
  schedule([...nodes.values()], assumed, places)
  const at = (id: string): { from: Duration; to: Duration } => {
    const { from, to } = nodes.get(id) as Node
    return { from, to }
  }
  return {
    phases: phases.map(({ id, name, after, calls: own }) => ({
      id,
      // A visit of a workflow's own says only where it is; a read-back and a comparison have names of their own.
      name: (['verify', 'compare'] as const).find((role) => own.every((call) => call.role === role)) ?? name,
      after,
      calls: own.map((call) => ({ ...call, ...at(call.id) })),
    })),
    timeline: {
      length: largest([...nodes.values()].map((node) => node.to)),
      assumed,
      guessed: calls.length - known.length,
    },
  }
}

/** A walk that called nobody is no phase; what came after it comes after what was before it. */
function withoutEmpty(drafts: readonly DraftPhase[]): readonly DraftPhase[] {
  const standsFor = new Map<number, readonly number[]>()
  return drafts.flatMap((draft) => {
    const after = [...new Set(draft.after.flatMap((id) => standsFor.get(id) ?? [id]))]
    if (draft.calls.length > 0) return [{ ...draft, after }]
    standsFor.set(draft.id, after)
    return []
  })
}

// Between two phases stands a node without a call: n calls that wait for m would be n * m edges.
function connected(phases: readonly DraftPhase[]): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>()
  const edge = (first: Node | undefined, second: Node): void => {
    if (!first) return
    first.followers.push(second)
    second.waits++
  }
  for (const phase of phases) {
    const entry = emptyNode(null)
    const exit = emptyNode(null)
    nodes.set(`phase ${phase.id} begins`, entry)
    for (const before of phase.after) edge(nodes.get(`phase ${before} ends`), entry)
    edge(entry, exit)
    for (const call of phase.calls) {
      const node = emptyNode(call)
      nodes.set(call.id, node)
      edge(entry, node)
      edge(node, exit)
      for (const before of call.after) edge(nodes.get(before), node)
    }
    nodes.set(`phase ${phase.id} ends`, exit)
  }
  return nodes
}

const emptyNode = (call: DraftCall | null): Node => ({ call, waits: 0, followers: [], from: 0, to: 0 })

function schedule(nodes: readonly Node[], assumed: Duration, places: (role: CallRole) => Places): void {
  // By their end; those that end together in the order in which they began.
  const running: Node[] = []
  const queues = new Map<Places, Node[]>()
  let now = 0
  const begin = (node: Node, length: Duration): void => {
    node.from = now
    node.to = now + length
    insert(running, node)
  }
  const isReady = (node: Node): void => {
    if (!node.call) return begin(node, 0)
    const own = places(node.call.role)
    const queue = queues.get(own)
    if (queue) queue.push(node)
    else queues.set(own, [node])
  }
  const fill = (): void => {
    for (const [own, queue] of queues) {
      const begun = queue.splice(0, own.free)
      own.free -= begun.length
      for (const node of begun) begin(node, node.call?.predicted ?? assumed)
    }
  }
  for (const node of nodes) if (node.waits === 0) isReady(node)
  fill()
  for (let next = running.shift(); next; next = running.shift()) {
    now = next.to
    if (next.call) places(next.call.role).free++
    for (const follower of next.followers) if (--follower.waits === 0) isReady(follower)
    fill()
  }
}

function insert(running: Node[], node: Node): void {
  let [low, high] = [0, running.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((running[middle] as Node).to <= node.to) low = middle + 1
    else high = middle
  }
  running.splice(low, 0, node)
}
