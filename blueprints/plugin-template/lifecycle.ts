// Making and removing a box, suspending and resuming it, and its figures. Everything here may be called twice.
import { operation, type OperationContext } from 'fermata'
import { deleteBox, existingBox, readBox, writeBox } from './provider.ts'

/** Where the box of this node is. */
export const pathOf = (ctx: OperationContext): string => String(ctx.node.properties['path'])

export const create = operation({
  async run(ctx) {
    const path = pathOf(ctx)
    if (!(await readBox(path))) await writeBox(path, { data: '', power: 'running', frozenUntil: 0 })
    ctx.instance.runtimeProperties['path'] = path
  },
})

export const remove = operation({
  async run(ctx) {
    await deleteBox(pathOf(ctx))
    delete ctx.instance.runtimeProperties['path']
  },
})

const power = async (ctx: OperationContext): Promise<'running' | 'suspended'> => (await existingBox(pathOf(ctx))).power

/** `power` lets the workflow remember what suspend found, so that resume puts that back. */
export const suspend = operation({
  power,
  run: async (ctx) => writeBox(pathOf(ctx), { ...(await existingBox(pathOf(ctx))), power: 'suspended' }),
})

export const resume = operation({
  power,
  run: async (ctx) => writeBox(pathOf(ctx), { ...(await existingBox(pathOf(ctx))), power: 'running' }),
})

export const statistics = operation({
  run: async (ctx) => ({ size: { value: (await existingBox(pathOf(ctx))).data.length, unit: 'B' } }),
})
