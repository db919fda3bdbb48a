// One piece of work: in which project, under which key, whether an earlier attempt of it may have come to something.
import { Fault, fault } from '../../kernel/fault.ts'
import type { Duration } from '../../kernel/duration.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { OperationContext } from '../contract/context.ts'
import type { Operation } from './client/operations.ts'
import type { Change, Project } from './client/project.ts'
import { isMarked, labelsFor, requestIdOf } from './names.ts'

export interface Work {
  readonly project: Project
  readonly key: string
  readonly attempt: number
  readonly inDoubt: boolean
  /** For people: deployment and node instance. */
  readonly node: string
  /** The name of the backup that it is about. */
  readonly backup?: string | undefined
  /** How long a copy may take. Default: six hours. */
  readonly copyLimit?: Duration | undefined
}

export function workOf(
  { operation, deployment, instance }: Pick<OperationContext, 'operation' | 'deployment' | 'instance'>,
  project: Project,
  more: Pick<Work, 'backup' | 'copyLimit'> = {},
): Work {
  const { key, attempt, inDoubt } = operation
  return { ...more, project, key, attempt, inDoubt, node: `${deployment.id}/${instance.id}` }
}

export const labelsOf = (work: Work, part: string): Readonly<Record<string, string>> =>
  labelsFor({ key: work.key, part, node: work.node, backup: work.backup })

/** `part` tells apart what one piece of work makes. */
export interface Making<Thing> {
  readonly part: string
  /** For people: `disk`, and its name. */
  readonly kind: string
  readonly name: string
  readonly change: Change
  find(): Promise<Thing | undefined>
  /** Is it of this work? Default: by its labels. */
  isOurs?(thing: Thing): boolean
}

/**
 * Begins to make a thing, at most once whatever becomes of the answer: under one request id, which the cloud does not do a second
 * time, and under one name. undefined: it was there already, and is ours.
 *
 * @throws Fault `gcp.not_ours`
 */
export async function beginOnce<Thing extends { readonly labels?: JsonObject | undefined }>(
  work: Work,
  making: Making<Thing>,
): Promise<Operation | undefined> {
  const { project } = work
  const whole = `${work.key}#${making.part}`
  // What an earlier attempt asked for and was refused would be refused again under the same id.
  const again = work.attempt > 1 || work.inDoubt ? [`${whole}#${work.attempt}`] : []
  const ids = [whole, ...again].map(requestIdOf)
  for (const [index, requestId] of ids.entries()) {
    const isLast = index === ids.length - 1
    const operation = await asked(project, { ...making.change, requestId })
    if (operation === undefined) return requireOurs(work, making)
    if (isLast || operation.status !== 'DONE') return operation
    const isDone = operation.error === undefined && (await making.find()) !== undefined
    if (isDone) return operation
  }
  throw new Error('there is always an id')
}

/** As `beginOnce`, and resolves when it is there. */
export async function makeOnce<Thing extends { readonly labels?: JsonObject | undefined }>(
  work: Work,
  making: Making<Thing>,
): Promise<Thing> {
  const operation = await beginOnce(work, making)
  if (operation !== undefined) await work.project.done(operation, making.change.limit)
  const made = await making.find()
  if (made !== undefined) return made
  throw fault('gcp.missing', { details: { kind: making.kind, name: making.name }, effect: 'unknown' })
}

/** undefined: there is one of that name. */
async function asked(project: Project, change: Change): Promise<Operation | undefined> {
  const begin = async (): Promise<Operation | undefined> => {
    try {
      return await project.begin(change)
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'gcp.exists') return undefined
      throw thrown
    }
  }
  try {
    return await begin()
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.effect !== 'unknown' || project.signal.aborted) throw thrown
    // The answer was lost, perhaps not the effect: the same request tells, and is not done a second time.
    return await begin().catch(() => {
      throw thrown
    })
  }
}

async function requireOurs<Thing extends { readonly labels?: JsonObject | undefined }>(
  work: Work,
  { part, kind, name, find, isOurs }: Making<Thing>,
): Promise<undefined> {
  const thing = await find()
  // Gone since: whoever comes next makes it anew.
  if (thing === undefined) throw fault('gcp.missing', { details: { kind, name }, retry: 'now' })
  if (isOurs?.(thing) ?? isMarked(thing.labels, { key: work.key, part })) return undefined
  throw fault('gcp.not_ours', { details: { kind, name } })
}
