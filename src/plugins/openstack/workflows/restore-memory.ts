// What a restore that dies must leave behind, kept with the node that lends its access: for each server of its own.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { ServerRestoreOptions } from '../server/restore.ts'

const property = 'restores_under_way'

type Holder = Pick<OperationContext, 'instance' | 'save'>

export function restoreMemory(ctx: Holder, serverId: string): ServerRestoreOptions['memory'] {
  return (name) => ({
    read: () => ofServer(ctx, serverId)[name],
    async write(value) {
      const { [name]: _old, ...rest } = ofServer(ctx, serverId)
      await keep(ctx, serverId, value === undefined ? rest : { ...rest, [name]: value })
    },
  })
}

/** It has begun, and its end is not known. */
export function isRestoreUnderWay(ctx: Holder, serverId: string): boolean {
  return Object.keys(ofServer(ctx, serverId)).length > 0
}

/** It is over. */
export async function forgetRestore(ctx: Holder, serverId: string): Promise<void> {
  await keep(ctx, serverId, {})
}

type Kept = Readonly<Record<string, Json>>

function all({ instance }: Holder): Readonly<Record<string, Json>> {
  const value = instance.runtimeProperties[property]
  return value !== undefined && isJsonObject(value) ? value : {}
}

function ofServer(ctx: Holder, serverId: string): Kept {
  const value = all(ctx)[serverId]
  return value !== undefined && isJsonObject(value) ? value : {}
}

async function keep(ctx: Holder, serverId: string, value: Kept): Promise<void> {
  const { [serverId]: _old, ...others } = all(ctx)
  const now = Object.keys(value).length === 0 ? others : { ...others, [serverId]: { ...value } }
  if (Object.keys(now).length === 0) delete ctx.instance.runtimeProperties[property]
  else ctx.instance.runtimeProperties[property] = now
  await ctx.save()
}
