// install: brings each node instance up, step by step, after everything it depends on.
import { Type } from '../kernel/schema.ts'
import { defineWorkflow, type Member, type Run } from '../plugins/contract/workflow.ts'
import { relationshipOperations, type RelationshipStage } from './relationship-operations.ts'
import { choice, chosenMembers } from './chosen-members.ts'

const lifecycle = 'cloudify.interfaces.lifecycle'

interface LifecycleStage {
  readonly operation: string
  /** Event before the operation, and the one after it; null: none. */
  readonly before: string
  readonly after: string | null
  readonly states?: readonly [during: string, after: string | null]
}

type Stage = LifecycleStage | RelationshipStage

const stages: readonly Stage[] = [
  {
    operation: 'cloudify.interfaces.validation.create',
    before: 'Validating node instance before creation',
    after: 'Node instance validated before creation',
  },
  { operation: `${lifecycle}.precreate`, before: 'Precreating node instance', after: 'Node instance precreated' },
  {
    operation: `${lifecycle}.create`,
    before: 'Creating node instance',
    after: 'Node instance created',
    states: ['creating', 'created'],
  },
  { relationship: 'preconfigure', before: 'Pre-configuring relationships', after: 'Relationships pre-configured' },
  {
    operation: `${lifecycle}.configure`,
    before: 'Configuring node instance',
    after: 'Node instance configured',
    states: ['configuring', 'configured'],
  },
  { relationship: 'postconfigure', before: 'Post-configuring relationships', after: 'Relationships post-configured' },
  { operation: `${lifecycle}.start`, before: 'Starting node instance', after: null, states: ['starting', null] },
  { operation: `${lifecycle}.poststart`, before: 'Poststarting node instance', after: 'Node instance poststarted' },
  { relationship: 'establish', before: 'Establishing relationships', after: 'Relationships established' },
]

/** How far an instance has come by its state; stages that lead no further are not done again. */
const reached: Readonly<Record<string, number>> = { created: 1, configuring: 1, configured: 2, starting: 2, started: 3 }
const reachedBy = (state: string): number => reached[state] ?? 0

export const install = defineWorkflow({
  name: 'install',
  description: 'Creates, configures and starts all nodes',
  parameters: Type.Object(choice),
  async run(run, parameters) {
    await run.each(chosenMembers(run, parameters), 'dependencies-first', (member) => installOne(run, member))
  },
})

async function installOne(run: Run, member: Member): Promise<void> {
  const state = run.state(member)
  if (state === 'started') return
  const isEmpty = stages.every((stage) => !doesAnything(run, member, stage))
  if (isEmpty) {
    await run.setState(member, 'started')
    run.event('Node instance started (nothing to do)', member)
    return
  }
  if (reachedBy(state) === 0) await run.setState(member, 'initializing')
  for (const stage of stages) {
    if (!isBehind(stage, state)) await runStage(run, member, stage)
  }
  await run.setState(member, 'started')
  run.event('Node instance started', member)
}

function isBehind(stage: Stage, state: string): boolean {
  const after = 'states' in stage ? stage.states?.[1] : undefined
  return typeof after === 'string' && reachedBy(after) <= reachedBy(state)
}

function doesAnything(run: Run, member: Member, stage: Stage): boolean {
  if ('operation' in stage) return member.does(stage.operation)
  return relationshipOperations(run, member, stage.relationship).length > 0
}

async function runStage(run: Run, member: Member, stage: Stage): Promise<void> {
  if (!doesAnything(run, member, stage)) {
    if (!('operation' in stage) || !stage.states) return
    if (stage.after !== null) run.event(`${stage.before}: nothing to do`, member)
    if (stage.states[1] !== null) await run.setState(member, stage.states[1])
    return
  }
  if ('states' in stage && stage.states) await run.setState(member, stage.states[0])
  run.event(stage.before, member)
  if ('operation' in stage) await run.execute(member, stage.operation)
  else for (const each of relationshipOperations(run, member, stage.relationship)) await each()
  if ('states' in stage && stage.states?.[1]) await run.setState(member, stage.states[1])
  if (stage.after !== null) run.event(stage.after, member)
}
