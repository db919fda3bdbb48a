// What a plugin is given where it only looks and no step of the journal stands behind the call: probes, checks, and what
// planning reads.
import type { Json } from '../kernel/json.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import { operationContext } from './operation-context.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

export interface Look {
  /** Full name. */
  readonly operation: string
  readonly key: string
  readonly signal: AbortSignal
  readonly part?: Json | undefined
  readonly executor?: string | null
  readonly bracket?: NonNullable<OperationContext['bracket']> | undefined
}

export function lookContext(site: Site, member: Instance, look: Look): Promise<OperationContext> {
  const { operation, key, signal, part, executor = null, bracket } = look
  const once = { name: operation, key, attempt: 1, maxAttempts: 1, inDoubt: false }
  return operationContext(site, {
    member,
    plugin: member.planned.operations[operation]?.plugin ?? '',
    operation: executor === null ? once : { ...once, executor },
    signal,
    subject: { instanceId: member.id, operation, sourceId: null, targetId: null },
    ...(part === undefined ? {} : { part }),
    ...(bracket ? { bracket } : {}),
  })
}
