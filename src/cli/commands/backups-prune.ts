// `backups prune`: deletes what the rules do not keep, and says why of each.
import { printDecisions, showRemoval, waitOption } from '../backup-text.ts'
import type { Call } from '../call.ts'
import { deploymentOption, type CommandDefinition } from '../definition.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { readRetention, retentionNotes, retentionOptions } from '../retention-options.ts'
import { runQuietly } from '../run-quietly.ts'

export const backupsPrune: CommandDefinition = {
  words: 'backups prune',
  summary: 'delete the backups of a deployment that no rule keeps',
  options: [
    { ...deploymentOption, isRequired: true },
    { flags: '--dry-run', description: 'only say what would be deleted' },
    ...retentionOptions,
    waitOption,
  ],
  notes: retentionNotes,
  examples: ['fermata backups prune -d shop --keep-last 3 --keep-daily 7 --keep-weekly 4 --dry-run'],
  async run(call) {
    const policy = readRetention(call)
    const deploymentId = call.text('deploymentId') ?? ''
    const fermata = await call.fermata()
    if (call.flag('dryRun')) return showDryRun(call, await fermata.backups.explain(deploymentId, policy))
    const options = { wait: call.flag('wait') }
    const outcome = await runQuietly(call, (hooks) =>
      fermata.backups.prune(deploymentId, policy, { ...options, ...hooks }),
    )
    if (!outcome) return exitCodes.interrupted
    if (call.isJson) call.printJson(outcome)
    else if (!call.isQuiet) await printDecisions(call, outcome.decisions)
    const code = await showRemoval(call, outcome)
    if (outcome.deleted.length + outcome.failed.length === 0) call.say('Nothing is deleted.')
    return code
  },
}

async function showDryRun(call: Call, decisions: Parameters<typeof printDecisions>[1]): Promise<ExitCode> {
  const going = decisions.filter(({ action }) => action === 'delete')
  if (call.isJson) call.printJson({ decisions, deleted: [], failed: [], executions: [] })
  else if (call.isQuiet) going.forEach(({ id }) => call.print(id))
  else {
    await printDecisions(call, decisions)
    call.say(`${going.length} of ${decisions.length} would be deleted.`)
  }
  return exitCodes.ok
}
