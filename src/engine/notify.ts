// Who is told of an execution's end: the mail is written down in the commit of the end itself, and sent afterwards.
import { fault, type Fault } from '../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'
import type { Redactor } from '../kernel/secret.ts'
import { readAddresses } from '../notify/address.ts'
import { owe } from '../notify/outbox.ts'
import { reportMail, type ReportFacts } from '../notify/report-mail.ts'
import type { Workflow } from '../plugins/contract/workflow.ts'
import type { Write } from '../store/store.ts'
import type { ExecutionRow, FreezeRow } from '../store/tables.ts'
import type { Engine } from './engine.ts'
import type { ExecutionOptions } from './execution-site.ts'
import type { Notify } from './mail-api.ts'
import { findMailSettings } from './mail-settings.ts'
import { freezeWindow } from './rows.ts'

export interface ExecutionEnd {
  readonly status: string
  readonly endedAt: number
  readonly result: Json
  readonly problem: Fault | undefined
}

/** Before anything runs: who cannot be told is no surprise for the end. @throws Fault `mail.not_configured`, `mail.bad_address` */
export async function checkNotify(engine: Engine, notify: Notify | undefined): Promise<void> {
  const addresses = readAddresses([...(notify?.success ?? []), ...(notify?.error ?? [])])
  if (addresses.length > 0 && !(await findMailSettings(engine))) throw fault('mail.not_configured')
}

/** Who starts an execution says who is told, or else its parameters do. */
export function notifyOf(
  { told }: Pick<Workflow, 'told'>,
  parameters: JsonObject,
  given: Notify | undefined,
): Notify | undefined {
  if (told === undefined) return given
  const named = (parameter: string): readonly string[] | undefined => {
    const text = parameters[parameter]
    return typeof text === 'string' && text.trim() !== '' ? [text] : undefined
  }
  const [success, error] = [given?.success ?? named(told.success), given?.error ?? named(told.error)]
  if (success === undefined && error === undefined) return undefined
  return { ...(success === undefined ? {} : { success }), ...(error === undefined ? {} : { error }) }
}

/** What the commit of the end takes along; undefined when nobody wants to know. */
export async function mailOf(
  engine: Engine,
  row: ExecutionRow,
  end: ExecutionEnd,
  redactor: Redactor,
): Promise<Write | undefined> {
  const { notify } = JSON.parse(row.options) as ExecutionOptions
  // Nearly all executions tell nobody: they must not wait for what mails need.
  const found = await findMailSettings(engine)
  if (!found) return undefined
  const { settings } = found
  const isGood = end.status === 'terminated'
  const addresses = isGood ? (notify?.success ?? settings.notifySuccess) : (notify?.error ?? settings.notifyError)
  if (addresses.length === 0) return undefined
  const { subject, text, html } = reportMail(redactor.json(await factsOf(engine, row, end)))
  return owe({
    executionId: row.id,
    endedAt: end.endedAt,
    addresses: readAddresses(addresses),
    domain: settings.from.slice(settings.from.lastIndexOf('@') + 1),
    subject,
    text,
    html,
  })
}

async function factsOf(engine: Engine, row: ExecutionRow, end: ExecutionEnd): Promise<ReportFacts> {
  const freezes = await engine.store.read<FreezeRow>(
    'select * from freezes where execution_id = ? order by frozen_at',
    [row.id],
  )
  const points = await engine.store.read<{ name: string; consistency: string | null }>(
    'select name, consistency from recovery_points where execution_id = ? and sealed_at is not null',
    [row.id],
  )
  const { problem } = end
  return {
    executionId: row.id,
    workflow: row.workflow,
    deploymentId: row.deployment_id,
    status: end.status,
    createdAt: row.created_at,
    endedAt: end.endedAt,
    error: problem ? { message: problem.message, code: problem.code, hint: problem.hint ?? null } : null,
    result: resultRows(end.result),
    frozen: freezes.map(freezeWindow),
    labels: points.map(({ name, consistency }) => ({ name, consistency: consistency ?? 'not measured' })),
  }
}

function resultRows(result: Json): ReportFacts['result'] {
  if (result === null) return []
  if (!isJsonObject(result)) return [['result', typeof result === 'string' ? result : JSON.stringify(result)]]
  return Object.entries(result).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
}
