// How long operations took here before, out of the steps of earlier executions.
import type { Duration } from '../../kernel/duration.ts'
import type { Store } from '../../store/store.ts'
import { median } from './figures.ts'

/** What a step key says apart from the run: halves of brackets without their round, instances as their nodes. */
export type PredictDuration = (stepKey: string) => Duration | null

const lastTimes = 10
/** Enough for the last ten times of everything, without reading a history of years. */
const lastExecutions = 40

interface StepTimes {
  readonly key: string
  readonly started_at: number
  readonly ended_at: number
}

/** Median of the last ten times of the same operation of the same node in the deployment. */
export async function durationHistory(
  store: Store,
  deploymentId: string,
  nodeOf: (instanceId: string) => string | undefined,
): Promise<PredictDuration> {
  const rows = await store.read<StepTimes>(
    `select s.key, s.started_at, s.ended_at from steps s
     join (select id from executions where deployment_id = ? order by created_at desc limit ${lastExecutions}) e
       on e.id = s.execution_id
     where s.state = 'done' and s.ended_at is not null order by s.ended_at desc`,
    [deploymentId],
  )
  const times = new Map<string, Duration[]>()
  for (const row of rows) {
    const name = plainKey(row.key, nodeOf)
    if (name === undefined) continue
    const known = times.get(name)
    if (!known) times.set(name, [row.ended_at - row.started_at])
    else if (known.length < lastTimes) known.push(row.ended_at - row.started_at)
  }
  return (stepKey) => {
    const name = plainKey(stepKey, nodeOf)
    const known = name === undefined ? undefined : times.get(name)
    return known ? median(known) : null
  }
}

const bracketStep = /^(.+)#\d+\/(freeze|thaw|cut|settle)\/(.+)$/
const relationshipStep = /^(.+)\/([^/]+)->([^/]+)#\d+\/(source|target)$/
const verifyStep = /^verify\/[^/]+\/(?:[^/]+\/)?([^/]+)$/
const instanceStep = /^(.+)\/([^/]+)$/

/** undefined for steps that belong to no instance of the deployment. */
function plainKey(key: string, nodeOf: (id: string) => string | undefined): string | undefined {
  const inBracket = bracketStep.exec(key)
  if (inBracket) {
    const [, bracket, half = '', id = ''] = inBracket
    const node = nodeOf(id)
    // A freeze is the same whatever it is for; a cut is not.
    return node && (half === 'freeze' || half === 'thaw' ? `${half} ${node}` : `${bracket} ${half} ${node}`)
  }
  const ofRelationship = relationshipStep.exec(key)
  if (ofRelationship) {
    const [, operation, source = '', target = '', end] = ofRelationship
    const [from, to] = [nodeOf(source), nodeOf(target)]
    return from && to && `${operation} ${from} ${to} ${end}`
  }
  const verified = verifyStep.exec(key)
  if (verified) {
    const node = nodeOf(verified[1] ?? '')
    return node && `verify ${node}`
  }
  const [, operation, id = ''] = instanceStep.exec(key) ?? []
  const node = nodeOf(id)
  return node && `${operation} ${node}`
}
