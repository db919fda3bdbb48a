// An example for every code of the problem table: one that is missing does not compile.
import type { ProblemCode } from '../../src/blueprint/problem-table.ts'
import type { ProblemExample } from './example.ts'
import { functions } from './functions.ts'
import { imports } from './imports.ts'
import { nodesAndGroups } from './nodes-and-groups.ts'
import { operations } from './operations.ts'
import { textAndShape } from './text-and-shape.ts'
import { typesAndValues } from './types-and-values.ts'

export const problemExamples: Readonly<Record<ProblemCode, ProblemExample>> = {
  ...textAndShape,
  ...imports,
  ...typesAndValues,
  ...operations,
  ...nodesAndGroups,
  ...functions,
}
