// What the parts of a planning run share, and the list of what speaks against the run.
import { asFault, Fault } from '../../kernel/fault.ts'
import type { Duration } from '../../kernel/duration.ts'
import type { Redactor } from '../../kernel/secret.ts'
import type { Site } from '../site.ts'
import type { CatalogAction, PlannedBracket, PlanProblem } from './execution-plan.ts'
import type { PredictDuration } from './history.ts'
import type { PlanRecorder } from './recorder.ts'
import { isUnknown } from './unknown-value.ts'

export interface Planning {
  /** One whose journal and store keep nothing. */
  readonly site: Site
  readonly recorder: PlanRecorder
  readonly problems: PlanProblems
  /** Names of plugins that could not be loaded, as was told already. */
  readonly brokenPlugins: ReadonlySet<string>
  readonly predict: PredictDuration
  /** Longest of the last freezes of a node; null: it was never frozen. */
  readonly predictFreeze: (nodeId: string) => Duration | null
  /** Steps of our own workflows only read or only plan: they are run. What others do in a step, nobody knows. */
  readonly runsSteps: boolean
  readonly brackets: PlannedBracket[]
  readonly catalog: CatalogAction[]
  /** Instance id -> state that the workflow saw. */
  readonly seenStates: Map<string, string>
  readonly states: Map<string, { readonly from: string; readonly to: string }>
  readonly unknownSteps: string[]
  /** Ids of recovery points that were looked up. */
  readonly recoveryPoints: Set<string>
}

export class PlanProblems {
  readonly list: PlanProblem[] = []
  /** Something of the workflow could not be seen. */
  isIncomplete = false
  readonly #redactor: Redactor

  constructor(redactor: Redactor) {
    this.#redactor = redactor
  }

  /**
   * The workflow's code threw. A fault is what the run would end with, too; anything else, and a fault that was made of
   * what is not known, comes from planning itself.
   */
  thrown(thrown: unknown, instance: string | null): void {
    const problem = asFault(thrown)
    if (thrown instanceof Fault && !isUnknown(problem.message)) return this.error(problem, instance)
    this.isIncomplete = true
    this.warning('plan.incomplete', `what comes after this is not known before it runs: ${problem.message}`, instance)
  }

  /** The run would be refused, or would fail. */
  error(problem: Fault, instance: string | null = null): void {
    this.#add('error', problem.code, problem.message, problem.hint ?? null, instance)
  }

  warning(code: string, message: string, instance: string | null = null): void {
    this.#add('warning', code, message, null, instance)
  }

  /** Worth knowing; nothing speaks against the run. */
  note(code: string, message: string, instance: string | null = null): void {
    this.#add('note', code, message, null, instance)
  }

  /** The same may have been found at some instance already. */
  errorUnlessKnown(problem: Fault, instance: string | null = null): void {
    if (!this.list.some(({ code, message }) => code === problem.code && message === problem.message))
      this.error(problem, instance)
  }

  #add(
    severity: PlanProblem['severity'],
    code: string,
    message: string,
    hint: string | null,
    instance: string | null,
  ): void {
    const problem = this.#redactor.json({ severity, code, message, hint, instance })
    const isThere = this.list.some(
      (known) => known.code === code && known.message === problem.message && known.instance === instance,
    )
    if (!isThere) this.list.push(problem)
  }
}
