// A plugin of one's own: what `notes.…` in the blueprint stands for.
import { definePlugin, defineWorkflow, fault, operation, Type } from 'fermata'
import { isLocked, lock, unlock } from './lock.ts'
import { folderOf, markOf, notebookOf, remove, replaceText, textOf } from './notebook.ts'
import { snapshotApply, snapshotCreate, snapshotDelete } from './snapshots.ts'

const create = operation({
  async run(ctx) {
    const path = notebookOf(ctx)
    if ((await textOf(path)) === undefined) await replaceText(path, `${String(ctx.node.properties['title'])}\n`)
    ctx.instance.runtimeProperties['path'] = path
  },
})

const deleteNotebook = operation({
  async run(ctx) {
    await remove(folderOf(ctx))
    delete ctx.instance.runtimeProperties['path']
  },
})

const add = operation({
  inputs: Type.Object({ text: Type.String({ minLength: 1, pattern: '^[^\\r\\n]*$' }) }),
  async run(ctx, { text }) {
    await ctx.until(
      () => isLocked(ctx),
      (locked) => !locked,
      100,
    )
    const path = notebookOf(ctx)
    const before = await textOf(path)
    if (before === undefined)
      throw fault('operation.failed', { message: 'there is no notebook; run install first', retry: 'never' })
    // Each line ends in its mark: a note whose outcome was lost is found again instead of being written twice.
    const mark = `[${markOf(ctx)}]`
    await ctx.once({
      lookUp: async () => (before.includes(mark) ? true : undefined),
      create: async () => {
        await replaceText(path, `${before}${text} ${mark}\n`)
        return true
      },
    })
    ctx.log.info(`Noted: ${text}`)
  },
})

const statistics = operation({
  async run(ctx) {
    const text = (await textOf(notebookOf(ctx))) ?? ''
    const notes = Math.max(0, text.split('\n').length - 2)
    return { notes, size: { value: Buffer.byteLength(text), unit: 'B' } }
  },
})

/** Runs the operation `add` on every notebook of the deployment. */
const addNote = defineWorkflow({
  name: 'add_note',
  description: 'Writes a note into every notebook',
  parameters: Type.Object({ text: Type.String({ minLength: 1 }) }),
  async run(run, { text }) {
    await run.walk('examples.interfaces.notebook.add', { instances: run.members, order: 'none', inputs: { text } })
    run.log.info('Everything is noted')
  },
})

export default definePlugin({
  name: 'notes',
  operations: {
    create,
    delete: deleteNotebook,
    add,
    statistics,
    lock,
    unlock,
    snapshot_create: snapshotCreate,
    snapshot_apply: snapshotApply,
    snapshot_delete: snapshotDelete,
  },
  workflows: { add_note: addNote },
})
