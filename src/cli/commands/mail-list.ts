// `mail list`: what became of each mail.
import type { CommandDefinition } from '../definition.ts'
import { mailHead, mailRow } from '../mail-table.ts'

export const mailList: CommandDefinition = {
  words: 'mail list',
  summary: 'list the mails about executions, and what became of each',
  arguments: [{ name: 'EXECUTION_ID', description: 'only of this execution', isOptional: true }],
  notes: [
    'sent: the server has taken it. queued: it is owed, or put off. failed: refused for good. unknown: fermata ended, or ' +
      'the line broke, while the server may have taken it; such a mail is not sent again, so that nobody gets it twice.',
  ],
  async run(call) {
    const items = await (await call.fermata()).mails.list(call.optionalArgument(0))
    await call.printList({ items, head: mailHead, row: mailRow, none: 'There are no mails.' })
  },
}
