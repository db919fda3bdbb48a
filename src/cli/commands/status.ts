// `status`: what is there, what is frozen now, and what was cut off.
import type { CommandDefinition } from '../definition.ts'
import { frozenTable } from '../frozen-table.ts'

export const status: CommandDefinition = {
  words: 'status',
  summary: 'show the state directory, what is frozen now and what was cut off',
  async run(call) {
    const found = await (await call.fermata()).status()
    if (call.isJson) return call.printJson(found)
    const executions = Object.entries(found.executions).filter(([, count]) => count > 0)
    call.printFields([
      ['version', `${found.version} (Node.js ${found.node.replace(/^v/, '')})`],
      ['state directory', found.home],
      ['store', `${found.store.kind}, schema ${found.store.schema}, ${(found.store.bytes / 1024).toFixed(0)} KiB`],
      ['blueprints', found.blueprints],
      ['deployments', found.deployments],
      ['executions', executions.map(([name, count]) => `${count} ${name}`).join(', ') || 'none'],
      ['frozen', found.frozen.length === 0 ? 'nothing' : found.frozen.length],
    ])
    if (found.frozen.length > 0) call.print(`\n${await frozenTable(found.frozen, call.paint)}`)
    if (found.frozen.some(({ holder }) => holder === null))
      call.print("\nWhat nobody holds is thawed by 'fermata thaw', and by every start before anything else.")
    for (const id of found.interrupted) {
      call.print(`\nExecution ${id} was cut off. Carry it on with 'fermata executions resume ${id}',`)
      call.print(`or end it with 'fermata executions cancel ${id}'.`)
    }
  },
}
