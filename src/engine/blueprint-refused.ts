// Thrown when a blueprint, the inputs given to it, or a plugin.yaml have problems. Carries all of them, with the texts they point into.
import type { Problem } from '../blueprint/problem.ts'
import { Fault } from '../kernel/fault.ts'

export class BlueprintRefused extends Fault {
  readonly problems: readonly Problem[]
  /** File -> its text, for each file that a problem names. */
  readonly source: Readonly<Record<string, string>>
  /** What was refused, for messages. */
  readonly what: 'blueprint' | 'plugin'

  constructor(
    problems: readonly Problem[],
    source: Readonly<Record<string, string>>,
    what: 'blueprint' | 'plugin' = 'blueprint',
  ) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
    super('blueprint.invalid', { details: { summary: `the ${what} has ${count}` } })
    this.problems = problems
    this.source = source
    this.what = what
  }
}
