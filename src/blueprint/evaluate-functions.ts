// Evaluates functions for a running deployment. Whoever calls answers the questions; answers may take time.
import { fault } from '../kernel/fault.ts'
import type { Json } from '../kernel/json.ts'
import { answerLater, evaluate } from './functions/evaluate.ts'
import { type Answer, EvaluationFailure, type Question } from './functions/function.ts'
import { messageOf } from './problem-table.ts'

export interface EvaluationScope {
  /** Instance ids that SELF, SOURCE and TARGET stand for. */
  readonly self?: string
  readonly source?: string
  readonly target?: string
  /** Outputs: a get_attribute that cannot tell its instance gives `<ERROR: ...>` instead of failing. */
  readonly forgives?: boolean
  /** undefined: there is no such thing. What it throws goes through as it is. */
  answer(question: Question): Promise<Answer>
}

/**
 * The value with every function replaced by what it gives.
 *
 * @example
 * const value = { concat: ['http://', { get_input: 'host' }] }
 * const answer = async (question) => (question.ask === 'input' && question.name === 'host' ? 'db.example' : undefined)
 * console.log(await evaluateFunctions(value, { answer })) // http://db.example
 *
 * @throws Fault `plan.function_failed`, and whatever the scope's `answer` throws
 */
export async function evaluateFunctions(value: Json, scope: EvaluationScope): Promise<Json> {
  const { self, source, target, forgives = false } = scope
  const evaluation = evaluate(value, { stage: 'run', speaker: { self, source, target }, forgives })
  try {
    return await answerLater(evaluation, (question) => scope.answer(question))
  } catch (thrown) {
    if (!(thrown instanceof EvaluationFailure)) throw thrown
    throw fault('plan.function_failed', { details: { reason: messageOf(thrown.code, thrown.details) }, cause: thrown })
  }
}
