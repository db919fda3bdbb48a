// Which part of the catalog a volume's backup belongs to, kept with the instance: an incremental one rests on a backup, and the
// catalog knows parts.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { copiesIn, type ServerCopy } from './copy.ts'

const property = 'parts_of_backups'

type Holder = Pick<OperationContext, 'instance'>

export function rememberBackups(ctx: Holder, part: ServerCopy): void {
  const backups = copiesIn(part).flatMap(({ backupId }) => (backupId === null ? [] : [backupId]))
  if (backups.length === 0) return
  keep(ctx, { ...known(ctx), ...Object.fromEntries(backups.map((id) => [id, part.providerId])) })
}

export function forgetBackups(ctx: Holder, part: ServerCopy): void {
  const gone = new Set(copiesIn(part).map(({ backupId }) => backupId))
  keep(ctx, Object.fromEntries(Object.entries(known(ctx)).filter(([id]) => !gone.has(id))))
}

/** undefined: it rests on none. */
export function parentPart(ctx: Holder, part: ServerCopy): string | undefined {
  const parents = copiesIn(part).flatMap(({ parentId }) => (parentId === null ? [] : [parentId]))
  const [first] = parents
  if (first === undefined) return undefined
  const owner: Json | undefined = known(ctx)[first]
  // That of a volume's own node is called by its id.
  return typeof owner === 'string' ? owner : first
}

function known({ instance }: Holder): JsonObject {
  const value = instance.runtimeProperties[property]
  return value !== undefined && isJsonObject(value) ? value : {}
}

function keep({ instance }: Holder, values: JsonObject): void {
  if (Object.keys(values).length === 0) delete instance.runtimeProperties[property]
  else instance.runtimeProperties[property] = values
}
