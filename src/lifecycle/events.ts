// The events of a run in Cloudify's words: one function per kind, so that the texts stand in one place.
import type { EventInput } from './journal.ts'

/** What an operation's events are attached to. */
export interface EventSubject {
  readonly instanceId: string
  readonly operation: string
  readonly sourceId: string | null
  readonly targetId: string | null
}

const nobody = { level: null, instance_id: null, operation: null, source_id: null, target_id: null }

export function workflowEvent(
  kind: 'workflow_started' | 'workflow_succeeded' | 'workflow_failed' | 'workflow_cancelled',
  message: string,
): EventInput {
  return { ...nobody, kind, message }
}

export function stageEvent(message: string): EventInput {
  return { ...nobody, kind: 'workflow_stage', message }
}

export function nodeEvent(instanceId: string, message: string): EventInput {
  return { ...nobody, kind: 'workflow_node_event', instance_id: instanceId, message }
}

export function taskEvent(kind: string, subject: EventSubject, message: string): EventInput {
  return {
    kind,
    level: null,
    instance_id: subject.instanceId,
    operation: subject.operation,
    source_id: subject.sourceId,
    target_id: subject.targetId,
    message,
  }
}

export function logEvent(level: string, message: string, subject?: EventSubject): EventInput {
  return { ...(subject ? taskEvent('log', subject, message) : { ...nobody, kind: 'log', message }), level }
}

/** `[retry 2/30]`, `[retry 2]` without a limit, nothing on the first attempt. */
export function retrySuffix(attempt: number, retries: number): string {
  if (attempt <= 1) return ''
  return retries < 0 ? ` [retry ${attempt - 1}]` : ` [retry ${attempt - 1}/${retries}]`
}
