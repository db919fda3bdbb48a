// The exit codes of the command line, and which fault ends with which. Documented in docs/reference/exit-codes.md.
import type { Fault, FaultCode } from '../kernel/fault.ts'
import type { ExecutionStatus } from '../engine/api.ts'

export const exitCodes = {
  ok: 0,
  executionFailed: 1,
  usage: 2,
  refused: 3,
  store: 4,
  busy: 5,
  cancelled: 6,
  promiseBroken: 7,
  damaged: 8,
  unexpected: 70,
  interrupted: 130,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

type AreaOf<Code> = Code extends `${infer Area}.${string}` ? Area : never
export type FaultArea = AreaOf<FaultCode>

/** A new area does not compile until it stands here. */
export const exitCodeOfArea: Readonly<Record<FaultArea, ExitCode>> = {
  usage: exitCodes.usage,
  plan: exitCodes.usage,
  catalog: exitCodes.usage,
  secret: exitCodes.usage,
  archive: exitCodes.refused,
  blueprint: exitCodes.refused,
  plugin: exitCodes.refused,
  store: exitCodes.store,
  engine: exitCodes.executionFailed,
  freeze: exitCodes.executionFailed,
  backup: exitCodes.executionFailed,
  power: exitCodes.executionFailed,
  script: exitCodes.executionFailed,
  operation: exitCodes.executionFailed,
  local: exitCodes.executionFailed,
  ssh: exitCodes.executionFailed,
  openstack: exitCodes.executionFailed,
  gcp: exitCodes.executionFailed,
  vsphere: exitCodes.executionFailed,
  libvirt: exitCodes.executionFailed,
  fleet: exitCodes.executionFailed,
  mail: exitCodes.usage,
  sim: exitCodes.executionFailed,
}

/** Codes that end otherwise than the rest of their area. */
export const exitCodeOfFault: Readonly<Partial<Record<FaultCode, ExitCode>>> = {
  'plan.no_plugin': exitCodes.refused,
  'plan.unsupported': exitCodes.refused,
  'plan.cycle': exitCodes.refused,
  'plan.has_errors': exitCodes.refused,
  'plan.stale': exitCodes.refused,
  'plan.bad_operation_input': exitCodes.refused,
  'catalog.damaged': exitCodes.damaged,
  'secret.unreadable': exitCodes.store,
  'fleet.bad_inventory': exitCodes.usage,
  'fleet.no_hosts': exitCodes.usage,
  'engine.busy': exitCodes.busy,
  'engine.cancelled': exitCodes.cancelled,
  'engine.not_resumable': exitCodes.usage,
  'engine.nothing_failed': exitCodes.usage,
  'engine.unexpected': exitCodes.unexpected,
}

export function exitCodeFor(fault: Fault): ExitCode {
  const own = exitCodeOfFault[fault.code]
  if (own !== undefined) return own
  const area = fault.code.slice(0, fault.code.indexOf('.')) as FaultArea
  return exitCodeOfArea[area]
}

/** Of an execution that has ended, in this process or another. */
export function exitCodeForStatus(status: ExecutionStatus): ExitCode {
  if (status === 'failed') return exitCodes.executionFailed
  return status === 'cancelled' ? exitCodes.cancelled : exitCodes.ok
}

/** What the reference page says about each. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'Done.',
  executionFailed: 'The execution failed. Its events say why; `fermata executions resume ID` carries it on.',
  usage: 'Wrong use: an unknown word or option, an unknown id, a parameter that the workflow does not take.',
  refused:
    'The blueprint, its inputs, its archive or a plugin was refused, or a plan shows that the run would be. All problems are listed.',
  store: 'The state directory cannot be used: not writable, full, damaged, or written by a newer version.',
  busy: 'Another execution runs on the deployment. `--wait` waits for it.',
  cancelled: 'The execution was cancelled. What was frozen has been thawed.',
  promiseBroken: 'A check found that a promise was not kept. What breaks it is listed.',
  damaged: '`backups verify` found a part of the backup damaged or gone. The backup counts as good no longer.',
  unexpected: 'A mistake in fermata itself, or a Node.js that is too old. `--debug` shows where.',
  interrupted: 'Left by a second Ctrl-C before the execution had ended. `fermata executions resume ID` carries it on.',
}
