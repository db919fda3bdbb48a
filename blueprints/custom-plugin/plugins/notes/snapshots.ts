// Snapshots of a notebook: cut, settle, apply, delete. What is deleted is found by what the catalog recorded, never by name.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { cutOperation, fault, operation, type OperationContext } from 'fermata'
import { folderOf, markOf, notebookOf, remove, replaceText, textOf } from './notebook.ts'

const kind = 'notebook-snapshot'
const fileOf = (ctx: OperationContext, id: string): string => join(folderOf(ctx), 'snapshots', `${id}.txt`)
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The notebook is locked while `cut` runs; `settle` comes after the unlock and may take its time. */
export const snapshotCreate = cutOperation({
  async cut(ctx) {
    const text = await textOf(notebookOf(ctx))
    if (text === undefined)
      throw fault('operation.failed', { message: 'there is no notebook; run install first', retry: 'never' })
    // Named after this piece of work: an attempt that is repeated writes the same file again, not a second one.
    const id = markOf(ctx)
    await replaceText(fileOf(ctx, id), text)
    return { kind, providerId: id }
  },

  async settle(ctx, receipt) {
    const text = (await textOf(fileOf(ctx, receipt.providerId))) ?? ''
    return { kind, providerId: receipt.providerId, bytes: Buffer.byteLength(text), digest: digestOf(text) }
  },
})

/** `ctx.part` is what `settle` returned when the backup was made. */
export const snapshotApply = operation({
  async run(ctx) {
    const { providerId, digest } = partOf(ctx)
    const text = await textOf(fileOf(ctx, providerId))
    if (text === undefined || digestOf(text) !== digest) {
      throw fault('operation.failed', { message: `snapshot ${providerId} is missing or damaged`, retry: 'never' })
    }
    await replaceText(notebookOf(ctx), text)
  },
})

/** Without a part this takes back a cut of the same piece of work, in a backup that failed. */
export const snapshotDelete = operation({
  run: (ctx) => remove(fileOf(ctx, ctx.part === undefined ? markOf(ctx) : partOf(ctx).providerId)),
})

function partOf({ part }: OperationContext): { readonly providerId: string; readonly digest: string } {
  if (typeof part === 'object' && part !== null && !Array.isArray(part)) {
    const { providerId, digest } = part as Readonly<Record<string, unknown>>
    if (typeof providerId === 'string' && typeof digest === 'string') return { providerId, digest }
  }
  throw fault('operation.failed', { message: 'the backup has no part of this notebook', retry: 'never' })
}
