// Which of a node's instances is meant when a function names only the node.
import { type Call, type Evaluation, failed, type InstanceAnswer, type Speaker } from './function.ts'

const containedIn = 'cloudify.relationships.contained_in'

/** The instance that a reference means: SELF, SOURCE, TARGET, or a node's name. */
export function* instanceOf(reference: string, call: Call, functionName: string): Evaluation<InstanceAnswer> {
  if (reference === 'SELF' || reference === 'SOURCE' || reference === 'TARGET') {
    const id = call.speaker[reference.toLowerCase() as keyof Speaker]
    if (id === undefined) throw failed(functionName, `${reference} means nothing here`)
    return yield* instanceById(id, functionName)
  }
  const instances = (yield { ask: 'instances', nodeId: reference }) as readonly InstanceAnswer[]
  const [only] = instances
  if (only === undefined) throw failed(functionName, `node '${reference}' has no instances`)
  if (instances.length === 1) return only
  const chosen = yield* nearest(reference, instances, call, functionName)
  if (chosen !== undefined) return chosen
  throw failed(
    functionName,
    `node '${reference}' has more than one node instance (${instances.length}) and nothing here tells which is meant`,
  )
}

function* instanceById(id: string, functionName: string): Evaluation<InstanceAnswer> {
  const instance = (yield { ask: 'instance', id }) as InstanceAnswer | undefined
  if (instance === undefined) throw failed(functionName, `there is no node instance '${id}'`)
  return instance
}

/** First by relationship, then by the smallest scaling group that both are in. */
function* nearest(
  nodeId: string,
  candidates: readonly InstanceAnswer[],
  call: Call,
  functionName: string,
): Evaluation<InstanceAnswer | undefined> {
  const { self, source, target } = call.speaker
  for (const id of [self, source, target]) {
    if (id === undefined) continue
    const speaker = yield* instanceById(id, functionName)
    const related = speaker.relationships.filter(({ targetNodeId }) => targetNodeId === nodeId)
    const related0 = related[0]
    if (related.length === 1 && related0 !== undefined) {
      return candidates.find((candidate) => candidate.id === related0.targetId)
    }
    const sharing = yield* inSameGroup(speaker, candidates, functionName)
    if (sharing !== undefined) return sharing
  }
  return undefined
}

function* inSameGroup(
  speaker: InstanceAnswer,
  candidates: readonly InstanceAnswer[],
  functionName: string,
): Evaluation<InstanceAnswer | undefined> {
  const own = yield* containersOf(speaker, functionName)
  const others: (readonly string[])[] = []
  for (const candidate of candidates) others.push(yield* containersOf(candidate, functionName))
  for (const container of own) {
    const sharing = candidates.filter((_candidate, index) => others[index]?.includes(container) === true)
    if (sharing.length === 1) return sharing[0]
    if (sharing.length > 1) return undefined
  }
  return undefined
}

/** Everything an instance is in, the nearest first: itself, its groups, its container, that one's groups, ... */
function* containersOf(instance: InstanceAnswer, functionName: string): Evaluation<readonly string[]> {
  const containers: string[] = []
  const seen = new Set<string>()
  let current: InstanceAnswer | undefined = instance
  while (current !== undefined && !seen.has(current.id)) {
    seen.add(current.id)
    containers.push(current.id, ...current.scalingGroups.map(({ id }) => id))
    const target = containerOf(current)
    current = target === undefined ? undefined : yield* instanceById(target, functionName)
  }
  return containers
}

function containerOf(instance: InstanceAnswer): string | undefined {
  return instance.relationships.find(({ typeHierarchy }) => typeHierarchy.includes(containedIn))?.targetId
}
