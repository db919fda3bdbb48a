// `retention explain`: what rules would keep of the backups that are there, and why.
import { printDecisions } from '../backup-text.ts'
import { deploymentOption, type CommandDefinition } from '../definition.ts'
import { readRetention, retentionNotes, retentionOptions } from '../retention-options.ts'

export const retentionExplain: CommandDefinition = {
  words: 'retention explain',
  summary: 'say of each backup of a deployment what the rules decide, and why',
  options: [{ ...deploymentOption, isRequired: true }, ...retentionOptions],
  notes: retentionNotes,
  examples: ['fermata retention explain -d shop --keep-daily 7 --keep-weekly 4'],
  async run(call) {
    const policy = readRetention(call)
    const decisions = await (await call.fermata()).backups.explain(call.text('deploymentId') ?? '', policy)
    if (call.isJson) return call.printJson(decisions)
    if (call.isQuiet) return decisions.forEach(({ id, action }) => call.print(`${action} ${id}`))
    await printDecisions(call, decisions)
  },
}
