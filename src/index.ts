// The public interface for authors of plugins and workflows.
export { Type } from 'typebox'
export { parseDuration, formatDuration, type Duration, type Instant } from './kernel/duration.ts'
export { fault, Fault, type FaultCode, type FaultOptions } from './kernel/fault.ts'
export type { Json, JsonObject } from './kernel/json.ts'
export { Secret } from './kernel/secret.ts'
export type {
  OperationContext,
  OperationLog,
  NodeView,
  InstanceView,
  RelationshipView,
  Subject,
} from './plugins/contract/context.ts'
export {
  differenceKind,
  type Difference,
  type DifferenceKind,
  type PartComparison,
} from './plugins/contract/comparison.ts'
export type { Deadman, DeadmanHandle, DeadmanRequest } from './plugins/contract/deadman.ts'
export {
  operation,
  cutOperation,
  freezeOperation,
  thawOperation,
  type Part,
  type PartCheck,
  type PowerState,
  type Receipt,
  type Vouched,
} from './plugins/contract/operation.ts'
export { definePlugin, type Plugin } from './plugins/contract/plugin.ts'
export { defineWorkflow, type Member, type Run, type Selection, type Workflow } from './plugins/contract/workflow.ts'
