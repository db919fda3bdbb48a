// Everything that node templates, groups and workflows refer to, once it has been read.
import type { PlannedPlugin } from '../plan.ts'
import type { Build } from './build.ts'
import type { DataTypes } from './data-type.ts'
import type { ImplementationMapper } from './implementation.ts'
import type { NodeType } from './node-type.ts'
import type { RelationshipType } from './relationship-type.ts'

export interface Scene {
  readonly build: Build
  readonly types: DataTypes
  /** undefined: the type exists but has a problem. */
  readonly nodeTypes: ReadonlyMap<string, NodeType | undefined>
  readonly relationshipTypes: ReadonlyMap<string, RelationshipType | undefined>
  readonly plugins: ReadonlyMap<string, PlannedPlugin>
  readonly mapper: ImplementationMapper
}
