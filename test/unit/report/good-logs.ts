// Logs in which every promise is kept: what each broken log is made from by one edit.
import type { JsonObject } from '../../../src/kernel/json.ts'
import type { Facts } from '../../../src/report/oracle/facts.ts'
import type { Row } from './made-log.ts'

const freeze = 'cloudify.interfaces.freeze.fs_prepare'
const thaw = 'cloudify.interfaces.freeze.fs_finalize'
const create = 'cloudify.interfaces.snapshot.create'
const remove = 'cloudify.interfaces.snapshot.delete'

/** A service on a compute. */
export const facts: Facts = { dependencies: { db: ['vm'], vm: [] }, hosts: { db: 'vm', vm: 'vm' } }

const nodeEvent = (instance: string, text: string): Row => ({ type: 'workflow_node_event', instance, text })

/** A task with what happens inside of it. */
function task(instance: string, operation: string, inside: readonly Row[]): readonly Row[] {
  return [
    nodeEvent(instance, `Starting to ${operation}`),
    { type: 'sending_task', instance, operation, text: "Sending task 'x.op'" },
    { type: 'task_started', instance, operation, text: "Task started 'x.op'" },
    ...inside,
    { type: 'task_succeeded', instance, operation, text: "Task succeeded 'x.op'" },
    nodeEvent(instance, `Done ${operation}`),
  ]
}

export const started = (workflow: string, isResumed = false): readonly Row[] => [
  { type: 'workflow_started', text: `${isResumed ? 'Resuming' : 'Starting'} '${workflow}' workflow execution` },
  { type: 'execution.started', fields: { workflow, isResumed, engine: isResumed ? 'two' : 'one' } },
]

export function ended(workflow: string, how: 'succeeded' | 'failed' | 'cancelled'): readonly Row[] {
  const status = how === 'succeeded' ? 'terminated' : how
  return [
    { type: `workflow_${how}`, text: `'${workflow}' workflow execution ${how}` },
    { type: 'execution.ended', fields: { status } },
  ]
}

export const opened = (bracket = 'backup#1'): Row => ({
  type: 'bracket.opened',
  bracket,
  fields: { purpose: 'save', tiers: [['db'], ['vm']], cuts: ['db', 'vm'], groups: {} },
})

const keyOf = (bracket: string, instance: string): string => `e/${bracket}/part/${instance}`

export function frozen(instance: string, bracket = 'backup#1'): readonly Row[] {
  const at = (type: string, fields: JsonObject): Row => ({ type, instance, bracket, fields })
  const token = `${bracket}-${instance}`
  return task(instance, freeze, [
    at('ledger.written', { token, until: 1_700_000_040_000, kind: 'host' }),
    at('deadman.armed', { token, kind: 'host', lease: 30_000, maximum: 60_000 }),
    at('freeze.begun', { token, attempt: 1 }),
    at('freeze.done', { token }),
  ])
}

export function cut(instance: string, bracket = 'backup#1'): readonly Row[] {
  const key = keyOf(bracket, instance)
  const told = { key, providerId: `snap-${bracket}-${instance}`, consistency: null, isSettled: false }
  return task(instance, create, [
    { type: 'cut.begun', instance, bracket, fields: { key, attempt: 1, inDoubt: false } },
    { type: 'cut.done', instance, bracket, fields: told },
  ])
}

export function thawed(instance: string, bracket = 'backup#1'): readonly Row[] {
  return task(instance, thaw, [
    { type: 'thaw.begun', instance, bracket, fields: { attempt: 1 } },
    { type: 'thaw.done', instance, bracket },
    { type: 'deadman.disarmed', instance, bracket, fields: { token: `${bracket}-${instance}`, firedAt: null } },
  ])
}

export function settled(instance: string, bracket = 'backup#1'): readonly Row[] {
  const key = keyOf(bracket, instance)
  return [
    { type: 'settle.begun', instance, bracket, fields: { key } },
    { type: 'settle.done', instance, bracket, fields: { key, providerId: `snap-${bracket}-${instance}` } },
  ]
}

export function undone(instance: string, bracket = 'backup#1'): readonly Row[] {
  const fields = { key: keyOf(bracket, instance) }
  return task(instance, remove, [
    { type: 'undo.begun', instance, bracket, fields },
    { type: 'undo.done', instance, bracket, fields },
  ])
}

export const pointOpened: Row = { type: 'point.opened', fields: { point: 'p1', name: 'monday' } }

export const sealed: Row = {
  type: 'point.sealed',
  fields: {
    point: 'p1',
    name: 'monday',
    consistency: 'filesystem',
    parts: { db: 'application', vm: 'filesystem' },
    missing: [],
  },
}

const round = (bracket: string): readonly Row[] => [
  opened(bracket),
  ...frozen('db', bracket),
  ...frozen('vm', bracket),
  ...cut('db', bracket),
  ...cut('vm', bracket),
  ...thawed('vm', bracket),
  ...thawed('db', bracket),
  { type: 'bracket.thawed', bracket },
  ...settled('db', bracket),
  ...settled('vm', bracket),
]

export const backup: readonly Row[] = [
  ...started('backup'),
  pointOpened,
  ...round('backup#1'),
  sealed,
  ...ended('backup', 'succeeded'),
]

export const cancelled: readonly Row[] = [
  ...started('backup'),
  pointOpened,
  opened(),
  ...frozen('db'),
  ...frozen('vm'),
  ...cut('db'),
  { type: 'execution.cancelled' },
  ...thawed('vm'),
  ...thawed('db'),
  ...undone('db'),
  { type: 'bracket.abandoned', bracket: 'backup#1' },
  { type: 'point.discarded', fields: { point: 'p1' } },
  ...ended('backup', 'cancelled'),
]

/** Killed while everybody was frozen, and carried on. */
export const resumed: readonly Row[] = [
  ...started('backup'),
  pointOpened,
  opened(),
  ...frozen('db'),
  ...frozen('vm'),
  ...started('backup', true),
  ...thawed('vm'),
  ...thawed('db'),
  { type: 'bracket.abandoned', bracket: 'backup#1' },
  ...round('backup#2'),
  sealed,
  ...ended('backup', 'succeeded'),
]

const deleted = (instance: string, parent: string | null): readonly Row[] => {
  const fields = { point: 'p1', providerId: `snap-${instance}`, parent }
  return [
    { type: 'part.deleting', instance, fields },
    ...task(instance, remove, []),
    { type: 'part.deleted', instance, fields },
  ]
}

export const removed: readonly Row[] = [
  ...started('remove_backup'),
  ...deleted('db', null),
  ...deleted('vm', null),
  { type: 'point.deleted', fields: { point: 'p1', goodLeft: 2, isForced: false, isGood: true } },
  ...ended('remove_backup', 'succeeded'),
]

export const removalFacts: Facts = { ...facts, sealed: { p1: ['snap-db', 'snap-vm'] } }

export const powered: readonly Row[] = [
  ...started('resume'),
  { type: 'power.found', instance: 'vm', fields: { state: 'suspended' } },
  ...task('vm', 'cloudify.interfaces.freeze.resume', []),
  { type: 'power.restored', instance: 'vm', fields: { state: 'running', wanted: 'running' } },
  ...ended('resume', 'succeeded'),
]

const configure = 'cloudify.interfaces.lifecycle.configure'

export const installing: readonly Row[] = [
  ...started('install'),
  { type: 'sending_task', instance: 'vm', operation: configure },
  { type: 'task_started', instance: 'vm', operation: configure },
  { type: 'task_failed', instance: 'vm', operation: configure },
  ...ended('install', 'failed'),
]
