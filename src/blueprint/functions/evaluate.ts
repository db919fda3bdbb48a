// Evaluates all functions in a value: arguments first, then the function, then what it gave. Circles are errors.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { EvaluationFailure, type Answer, type Call, type Evaluation, type Question, type Speaker } from './function.ts'
import { type FunctionCall, holdsCall, readCall } from './call.ts'
import { functionNamed } from './registry.ts'

export interface Context {
  readonly stage: 'prepare' | 'run'
  readonly speaker: Speaker
  readonly forgives: boolean
}

const depthLimit = 50

/** Few functions that refer to each other can mean very many calls; this is far beyond what anybody writes. */
const callLimit = 100_000

interface Budget {
  calls: number
}

/** At stage `prepare` the functions that need a running deployment stay, with their arguments evaluated. */
export function evaluate(value: Json, context: Context): Evaluation {
  return evaluateIn(value, context, [], { calls: callLimit })
}

/** Runs an evaluation whose questions can be answered at once. */
export function answerNow(evaluation: Evaluation, answer: (question: Question) => Answer): Json {
  let step = evaluation.next()
  while (step.done !== true) step = evaluation.next(answer(step.value))
  return step.value
}

/** Runs an evaluation whose answers take time. What goes wrong in finding one is thrown into the function that asked. */
export async function answerLater(
  evaluation: Evaluation,
  answer: (question: Question) => Promise<Answer>,
): Promise<Json> {
  let step = evaluation.next()
  while (step.done !== true) {
    const found = await answer(step.value)
    step = evaluation.next(found)
  }
  return step.value
}

function* evaluateIn(value: Json, context: Context, open: readonly string[], budget: Budget): Evaluation {
  if (!holdsCall(value)) return value
  const call = readCall(value)
  if (call !== undefined) return yield* evaluateCall(call, context, open, budget)
  if (Array.isArray(value)) {
    const items: Json[] = []
    for (const item of value as readonly Json[]) items.push(yield* evaluateIn(item, context, open, budget))
    return items
  }
  const result: Record<string, Json> = {}
  for (const [key, item] of Object.entries(value as JsonObject))
    result[key] = yield* evaluateIn(item, context, open, budget)
  return result
}

function* evaluateCall(call: FunctionCall, context: Context, open: readonly string[], budget: Budget): Evaluation {
  const called = functionNamed(call.name)
  budget.calls -= 1
  if (budget.calls < 0) {
    const reason = `this takes more than ${callLimit} calls of functions`
    throw new EvaluationFailure('blueprint.function_failed', { function: call.name, reason })
  }
  const reason = called.check(call.args)
  if (reason !== undefined) {
    throw new EvaluationFailure('blueprint.function_arguments', { function: called.name, reason, form: called.form })
  }
  const args = yield* evaluateIn(call.args, context, open, budget)
  const isTooEarly = context.stage === 'prepare' && called.evaluated === 'run'
  if (isTooEarly || (called.waits === true && holdsCall(args))) return rewritten(call, args)
  if (holdsCall(args)) {
    const details = { function: called.name, reason: 'one of its arguments is only known at run time' }
    throw new EvaluationFailure('blueprint.function_failed', details)
  }
  return yield* called.evaluate(args, bind(context, open, budget))
}

function rewritten(call: FunctionCall, args: Json): Json {
  return call.type === undefined ? { [call.name]: args } : { [call.name]: args, type: call.type }
}

function bind(context: Context, open: readonly string[], budget: Budget): Call {
  return {
    stage: context.stage,
    speaker: context.speaker,
    forgives: context.forgives,
    *again(value, key, speaker = context.speaker) {
      if (!holdsCall(value)) return value
      const path = [...open, key]
      if (open.includes(key) || open.length >= depthLimit) {
        const cycle = path.slice(Math.max(0, open.indexOf(key))).join(' -> ')
        throw new EvaluationFailure('blueprint.function_cycle', { cycle })
      }
      return yield* evaluateIn(value, { ...context, speaker }, path, budget)
    },
  }
}
