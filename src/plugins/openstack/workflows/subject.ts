// The server that a run is about, and the node through which the cloud is asked about it.
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { ExecuteOptions, Member, Run } from '../../contract/workflow.ts'
import { missing } from '../errors.ts'
import type { Instance } from './instance.ts'
import { taskInterface, type TaskInputs, type TaskName } from './tasks.ts'

export interface Subject {
  readonly instance: Instance
  /** One task, durable under its name or `phase`. */
  call<Name extends TaskName>(
    task: Name,
    inputs: TaskInputs[Name],
    options?: Pick<ExecuteOptions, 'phase' | 'isOwed'>,
  ): Promise<Json>
}

/**
 * By the node of the blueprint, or else by name or id in each cloud that the deployment knows.
 *
 * @throws Fault `openstack.missing`, `openstack.ambiguous`
 */
export async function subjectOf(run: Run, instance: string): Promise<Subject> {
  for (const member of membersFor(run, instance)) {
    const found = await ask(run, member, 'find', { instance })
    if (found === null) continue
    return {
      instance: found as unknown as Instance,
      call: (task, inputs, options) => ask(run, member, task, inputs, options),
    }
  }
  throw missing('server', instance)
}

const nameOf = (task: TaskName): string => `${taskInterface}.${task}`

function ask<Name extends TaskName>(
  run: Run,
  member: Member,
  task: Name,
  inputs: TaskInputs[Name],
  options: Pick<ExecuteOptions, 'phase' | 'isOwed'> = {},
): Promise<Json> {
  return run.execute(member, nameOf(task), { phase: task, ...options, inputs: inputs as unknown as JsonObject })
}

/** Its own node, or one for each way to a cloud. */
function membersFor(run: Run, instance: string): readonly Member[] {
  const able = run.members.filter((member) => member.does(nameOf('find')))
  const own = able.find(({ id }) => id === instance) ?? able.find(({ node }) => node.id === instance)
  if (own !== undefined) return [own]
  const ways = new Map<string, Member>()
  for (const member of able) {
    const { client_config: config = null, openstack_config: old = null } = member.node.properties
    const way = JSON.stringify([config, old])
    if (!ways.has(way)) ways.set(way, member)
  }
  return [...ways.values()]
}

/** The server has another id now: nodes of the blueprint that know it learn of that. */
export async function adoptSuccessor(run: Run, from: string, to: string): Promise<void> {
  for (const member of run.members.filter((one) => one.does(nameOf('adopt'))))
    await ask(run, member, 'adopt', { from, to }, { isOwed: true })
}
