// Operations of Compute Engine: what an accepted change comes to. Waited for with the API's own `wait`, which holds the answer
// back until the end or for two minutes; an error inside of an operation that is DONE is an error.
import { formatDuration, seconds, type Duration } from '../../../kernel/duration.ts'
import { Fault, fault } from '../../../kernel/fault.ts'
import type { OperationLog } from '../../contract/context.ts'
import type { World } from '../../../world/world.ts'
import type { Call } from './network-faults.ts'
import { pathOf, type ProjectRequest } from './project.ts'
import { operationFault, type OperationError } from './refusals.ts'

export interface Operation {
  readonly name: string
  /** `PENDING`, `RUNNING`, `DONE`. */
  readonly status: string
  readonly operationType?: string
  readonly targetLink?: string
  readonly targetId?: string
  /** Addresses, of which the last part counts. Without both it is a global one. */
  readonly zone?: string
  readonly region?: string
  readonly progress?: number
  readonly httpErrorStatusCode?: number
  readonly error?: { readonly errors?: readonly OperationError[] }
  readonly warnings?: readonly { readonly code?: string; readonly message?: string }[]
}

export const operationLimit: Duration = seconds(600)

/** The API answers after two minutes at the latest. */
const longestAnswer: Duration = seconds(180)

interface Waiting {
  readonly signal: AbortSignal
  readonly world: World
  readonly log: OperationLog
  request<Body>(request: ProjectRequest): Promise<Body>
}

/** @throws Fault `gcp.operation_late`, or what was said of the operation */
export async function untilDone(waiting: Waiting, first: Operation, limit: Duration): Promise<Operation> {
  const { world, signal } = waiting
  const end = world.clock.monotonic() + limit
  let last = first
  for (let pause = 100; last.status !== 'DONE'; pause = Math.min(pause * 2, seconds(10))) {
    signal.throwIfAborted()
    const left = end - world.clock.monotonic()
    if (left <= 0) throw late(last, limit)
    const asked = world.clock.monotonic()
    const seen = await read(waiting, last, Math.min(left, longestAnswer))
    last = 'operation' in seen ? seen.operation : last
    if (last.status === 'DONE') break
    const problem = 'problem' in seen ? seen.problem : undefined
    // An overloaded server answers at once.
    const wanted = Math.max(pause, problem?.after ?? 0) - (world.clock.monotonic() - asked)
    if (wanted > 0) await world.clock.sleep(Math.min(wanted, Math.max(end - world.clock.monotonic(), 1)), signal)
  }
  return checked(waiting.log, last)
}

/** @throws Fault of what was said of it */
export function checked(log: Pick<OperationLog, 'warning'>, operation: Operation): Operation {
  for (const { code = '', message = '' } of operation.warnings ?? []) {
    log.warning(`${nameOf(operation)}: ${[code, message].filter((word) => word !== '').join(': ')}`)
  }
  const errors = operation.error?.errors ?? []
  const status = operation.httpErrorStatusCode ?? 0
  if (errors.length === 0 && status < 400) return operation
  throw operationFault(callOf(operation), errors, status)
}

// Waiting outlives an API that is busy or away for a moment: what merely reads may be tried again.
async function read(
  { request, signal }: Waiting,
  operation: Operation,
  longest: Duration,
): Promise<{ readonly operation: Operation } | { readonly problem: Fault }> {
  const { name } = operation
  try {
    const path = `${placeOf(operation)}${pathOf`/operations/${name}/wait`}`
    const found = await request<Operation>({ method: 'POST', path, isRead: true, signal, deadline: longest })
    return { operation: found }
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.retry !== 'never' && thrown.effect === 'none') return { problem: thrown }
    throw thrown
  }
}

function placeOf({ zone, region }: Operation): string {
  if (zone !== undefined) return pathOf`/zones/${lastPart(zone)}`
  return region === undefined ? '/global' : pathOf`/regions/${lastPart(region)}`
}

/** Of an address: `https://.../zones/europe-west1-b` is europe-west1-b. */
export function lastPart(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1)
}

function nameOf({ operationType = 'operation', targetLink = '', name }: Operation): string {
  const target = targetLink.replace(/^.*\/projects\/[^/]+\//, '')
  return target === '' ? `${operationType} ${name}` : `${operationType} of ${target}`
}

function callOf(operation: Operation): Call {
  return { name: nameOf(operation), isRead: false, origin: '', requestId: operation.name }
}

function late(operation: Operation, limit: Duration): Fault {
  const details = { call: nameOf(operation), status: operation.status, limit: formatDuration(limit) }
  return fault('gcp.operation_late', { details })
}
