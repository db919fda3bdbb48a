// `executions resume`: carries on what failed, was cancelled, or lost its process.
import type { Assumption, ResumeOptions } from '../../engine/api.ts'
import { fault } from '../../kernel/fault.ts'
import type { Call } from '../call.ts'
import type { CommandDefinition } from '../definition.ts'
import { readRunOptions, runOptions } from '../run-options.ts'
import { watchExecution } from '../watch-execution.ts'

export const executionsResume: CommandDefinition = {
  words: 'executions resume',
  summary: 'carry on an execution that failed, was cancelled or was cut off',
  arguments: [{ name: 'EXECUTION_ID', description: 'the execution' }],
  options: [
    ...runOptions,
    { flags: '--failed-only', description: 'run again what failed, and refuse when that means everything' },
    {
      flags: '--assume <answer>',
      description: 'done or not-done: what became of the operation in doubt; STEP=done when there are several',
      isRepeatable: true,
    },
  ],
  notes: [
    'Operations that came to their end are not run again. --assume is for operations that must not be run twice and ' +
      'whose outcome nobody could tell (fault operation.in_doubt): look at the system, then say what you found. What is ' +
      'assumed stands in the events.',
  ],
  examples: ['fermata executions resume ID --failed-only', 'fermata executions resume ID --assume not-done'],
  async run(call) {
    const limits = { ...readRunOptions(call), failedOnly: call.flag('failedOnly'), ...assumeOption(call) }
    const fermata = await call.fermata()
    return watchExecution(call, (hooks) => fermata.executions.resume(call.argument(0), { ...limits, ...hooks }))
  },
}

/** @throws Fault `usage.bad_argument` */
function assumeOption(call: Call): Pick<ResumeOptions, 'assume'> {
  const answers = call.list('assume')
  const [only] = answers
  if (only === undefined) return {}
  if (answers.length === 1 && !only.includes('=')) return { assume: answerOf(only, only) }
  // A step's key may hold the sign itself, as in `a=b/c`: the answer is what follows the last one.
  const pairs = answers.map((text) => [
    text.slice(0, text.lastIndexOf('=')),
    answerOf(text.slice(text.lastIndexOf('=') + 1), text),
  ])
  return { assume: Object.fromEntries(pairs) as Record<string, Assumption> }
}

function answerOf(answer: string, text: string): Assumption {
  if (answer === 'done' || answer === 'not-done') return answer
  const message = `--assume wants done, not-done, or STEP=done, not '${text}'`
  throw fault('usage.bad_argument', { details: { message } })
}
