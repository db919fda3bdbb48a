// The blueprint language for other programs: `import { parseBlueprint } from 'fermata/blueprint'`. Texts in, data out;
// nothing is read from the network or from a disk, save the types that come with fermata.
export { describeProblem } from './describe.ts'
export { evaluateFunctions, type EvaluationScope } from './evaluate-functions.ts'
export type { Answer, Question } from './functions/function.ts'
export { type DrawFormat, drawFormats, drawPlan } from './graph/draw-plan.ts'
export { freezeOrder, type FreezeStep } from './graph/freeze-order.ts'
export type { ImportedBlueprint } from './imports/resolve.ts'
export { languageSchema } from './language-schema.ts'
export { lintBlueprint } from './lint/lint-blueprint.ts'
export type { LintKnowledge } from './lint/rule.ts'
export { type BlueprintTexts, parseBlueprint, type ParseOptions, type ParseResult } from './parse-blueprint.ts'
export { modifyDeployment, type ModifyOptions, type ModifyResult } from './modify-deployment.ts'
export { placeProblems } from './place-problems.ts'
export type {
  Deployment,
  InstanceRelationship,
  ParameterSchema,
  Plan,
  PlannedInstance,
  PlannedNode,
  PlannedOperation,
  PlannedPlugin,
  PlannedRelationship,
  PlannedValue,
  PlannedWorkflow,
} from './plan.ts'
export { prepareDeployment, type PrepareOptions, type PrepareResult } from './prepare-deployment.ts'
export type { Problem } from './problem.ts'
export type { ProblemCode } from './problem-table.ts'
export { summarizeDeployment, summarizePlan } from './summarize.ts'
export type { Json, JsonObject } from '../kernel/json.ts'
