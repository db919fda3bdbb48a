// `mail send`: sends what is owed and due.
import type { CommandDefinition } from '../definition.ts'
import { mailHead, mailRow } from '../mail-table.ts'

export const mailSend: CommandDefinition = {
  words: 'mail send',
  summary: 'send the mails that are owed and due',
  notes: [
    'Executions do so by themselves at their end, also for those before them. For a timer, when nothing else runs.',
  ],
  async run(call) {
    const items = await (await call.fermata()).mails.send()
    await call.printList({ items, head: mailHead, row: mailRow, none: 'No mail is owed.' })
  },
}
