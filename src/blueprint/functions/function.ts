// What an intrinsic function is: its form, when it can be evaluated, and how it asks the deployment for what it needs.
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Details, ProblemCode } from '../problem-table.ts'
import type { Minor } from '../version.ts'

/** What a function may ask. Who answers knows whether that takes a look into memory or into a store. */
export type Question =
  | { readonly ask: 'input'; readonly name: string }
  | { readonly ask: 'node'; readonly id: string }
  | { readonly ask: 'instance'; readonly id: string }
  | { readonly ask: 'instances'; readonly nodeId: string }
  | { readonly ask: 'secret'; readonly name: string }
  | { readonly ask: 'capability'; readonly deployment: string; readonly path: readonly Json[] }
  | { readonly ask: 'group_capability'; readonly group: string; readonly path: readonly Json[] }
  | { readonly ask: 'environment_capability'; readonly path: readonly Json[] }
  | { readonly ask: 'label'; readonly key: string }
  | { readonly ask: 'sys'; readonly entity: string; readonly property: string }
  | { readonly ask: 'consumers'; readonly what: string }

export interface NodeAnswer {
  readonly id: string
  readonly properties: JsonObject
}

export interface InstanceAnswer {
  readonly id: string
  readonly nodeId: string
  /** Counts the node's instances from 1. */
  readonly index: number
  readonly runtimeProperties: JsonObject
  readonly relationships: readonly {
    readonly targetId: string
    readonly targetNodeId: string
    readonly typeHierarchy: readonly string[]
  }[]
  readonly scalingGroups: readonly { readonly name: string; readonly id: string }[]
}

export type Answer = Json | undefined | NodeAnswer | InstanceAnswer | readonly InstanceAnswer[]

/** Runs until it needs an answer; ends with the value. */
export type Evaluation<Value = Json> = Generator<Question, Value, Answer>

/** Whose properties and attributes `SELF`, `SOURCE` and `TARGET` mean: node ids at first, instance ids at run time. */
export interface Speaker {
  readonly self?: string | undefined
  readonly source?: string | undefined
  readonly target?: string | undefined
}

export interface Call {
  readonly stage: 'prepare' | 'run'
  readonly speaker: Speaker
  /** In outputs and capabilities a failing get_attribute gives its message instead of failing. */
  readonly forgives: boolean
  /** Evaluates a value that was found on the way, as spoken by `speaker`; `key` names it, so that circles are seen. */
  again(value: Json, key: string, speaker?: Speaker): Evaluation
}

export interface IntrinsicFunction {
  readonly name: string
  /** How it is written, for messages. */
  readonly form: string
  readonly since?: Minor
  /** `anytime`: when a deployment is made already. `run`: only in a running deployment. */
  readonly evaluated: 'anytime' | 'run'
  /** True: stays as it is while some of its arguments can only be known at run time. False: that is an error. */
  readonly waits?: boolean
  /** What is wrong with the arguments as they are written; functions among them are welcome. */
  check(args: Json): string | undefined
  /** The arguments hold no functions any more. */
  evaluate(args: Json, call: Call): Evaluation
}

export class EvaluationFailure extends Error {
  readonly code: ProblemCode
  readonly details: Details

  constructor(code: ProblemCode, details: Details) {
    super(code)
    this.code = code
    this.details = details
  }
}

export function failed(functionName: string, reason: string): EvaluationFailure {
  return new EvaluationFailure('blueprint.function_failed', { function: functionName, reason })
}
