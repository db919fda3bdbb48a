// `executions get`: one execution, with its error, its result and its freezes.
import type { CommandDefinition } from '../definition.ts'
import { freezeReport } from '../freeze-table.ts'
import { shortTime } from '../instant-text.ts'

export const executionsGet: CommandDefinition = {
  words: 'executions get',
  summary: 'show an execution: status, error, result, freezes',
  arguments: [{ name: 'EXECUTION_ID', description: 'the execution' }],
  async run(call) {
    const details = await (await call.fermata()).executions.get(call.argument(0))
    if (call.isJson) return call.printJson(details)
    if (call.isQuiet) return call.print(details.status)
    call.printFields([
      ['id', details.id],
      ['workflow', details.workflow],
      ['deployment', details.deploymentId],
      ['blueprint', details.blueprintId],
      ['status', details.status],
      ['created (UTC)', shortTime(details.createdAt)],
      ['ended (UTC)', details.endedAt === null ? null : shortTime(details.endedAt)],
      ['parameters', JSON.stringify(details.parameters)],
      ...(details.planDigest === null ? [] : [['by the plan', details.planDigest] as const]),
      ['result', details.result === null ? null : JSON.stringify(details.result)],
      ['error', details.error === null ? null : `${details.error.message} [${details.error.code}]`],
      ...(typeof details.error?.['hint'] === 'string' ? [['what to do', details.error['hint']] as const] : []),
    ])
    const report = await freezeReport(details, call.paint)
    if (report !== '') call.print(report)
  },
}
