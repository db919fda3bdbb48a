// Rows of the store as records of the API.
import type { FaultRecord } from '../kernel/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { BlueprintRow, EventRow, ExecutionRow, FreezeRow } from '../store/tables.ts'
import type { BlueprintRecord, EventKind, EventRecord, ExecutionRecord, ExecutionStatus, FreezeWindow } from './api.ts'

export function executionRecord(row: ExecutionRow): ExecutionRecord {
  return {
    id: row.id,
    workflow: row.workflow,
    deploymentId: row.deployment_id,
    blueprintId: row.blueprint_id,
    status: row.status as ExecutionStatus,
    parameters: JSON.parse(row.parameters) as JsonObject,
    createdAt: row.created_at,
    endedAt: row.ended_at,
    error: row.error === null ? null : (JSON.parse(row.error) as FaultRecord),
    result: row.result === null ? null : (JSON.parse(row.result) as Json),
  }
}

export function eventRecord(row: EventRow, deploymentId: string): EventRecord {
  return {
    sequence: row.sequence,
    executionId: row.execution_id,
    deploymentId,
    time: row.time,
    kind: row.kind as EventKind,
    level: row.level,
    instanceId: row.instance_id,
    operation: row.operation,
    sourceId: row.source_id,
    targetId: row.target_id,
    message: row.message,
  }
}

export function freezeWindow(row: FreezeRow): FreezeWindow {
  return {
    instanceId: row.instance_id,
    frozenAt: row.frozen_at,
    thawedAt: row.thawed_at,
    length: row.thawed_at === null ? null : row.thawed_at - row.frozen_at,
    expired: row.expired === 1,
    bracket: row.bracket,
    kind: row.kind,
  }
}

export function blueprintRecord(row: Omit<BlueprintRow, 'plan'>): BlueprintRecord {
  return {
    id: row.id,
    mainFile: row.main_file,
    description: row.description,
    createdAt: row.created_at,
    digest: row.digest,
  }
}
