// The parameters of the workflows for scheduled snapshots. Names and defaults are those of CERN's.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { Type } from '../../../kernel/schema.ts'
import { badProperty } from '../errors.ts'
import { defaultPattern } from './snapshot-names.ts'

const instance = Type.String({ minLength: 1, description: 'Name or id of the server, or of its node in the blueprint' })

const pattern = Type.String({
  default: defaultPattern,
  minLength: 1,
  description: 'Names of the snapshots; {0} stands for the name of the server, {1} for the minute (YYYYMMDDHHMM, UTC)',
})

const date = Type.String({
  description: 'Which snapshot: the newest of a day (YYYYMMDD), or that of a minute (YYYYMMDDHHMM)',
})

const mail = {
  to_addr_success: Type.String({ default: '', description: 'Who gets a mail when it went well' }),
  to_addr_error: Type.String({ default: '', description: 'Who gets a mail when it failed or was cancelled' }),
}

export const told = { success: 'to_addr_success', error: 'to_addr_error' } as const

export const snapshotParameters = Type.Object({
  instance,
  pattern,
  max_snapshots: Type.Integer({ default: 0, minimum: 0, description: 'How many snapshots are kept; 0: all' }),
  wait: Type.Boolean({ default: false, description: 'Until the snapshot was read back as whole' }),
  instance_stop: Type.Boolean({ default: false, description: 'Stop the server for it, and start it again' }),
  ...mail,
})

export const cloneParameters = Type.Object({
  instance,
  date,
  clone_name: Type.String({ minLength: 1, description: 'Name of the new server' }),
  pattern,
  avz_name: Type.String({ default: '', description: 'Its availability zone; as the source when it is not given' }),
  flavor: Type.String({ default: '', description: 'Its flavor, by name or id; as the source when it is not given' }),
  meta: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.String()], {
    default: '',
    description: "Its metadata, as a mapping or as JSON; the source's, but for landb-alias, when it is not given",
  }),
  wait: Type.Boolean({ default: false, description: 'Until the new server runs' }),
  ...mail,
})

export const inplaceParameters = Type.Object({
  instance,
  date,
  pattern,
  wait: Type.Boolean({ default: false, description: 'Taken for granted: a server is not left half put back' }),
  ...mail,
})

/** Undefined: as the source. @throws Fault `openstack.bad_property` */
export function metaFrom(given: unknown): Readonly<Record<string, string>> | undefined {
  if (given === '' || given === null || given === undefined) return undefined
  const value = typeof given === 'string' ? parsed(given) : (given as Json)
  if (!isJsonObject(value)) throw badProperty('meta', 'expected a mapping of texts')
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, textOf(name, one)]))
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw badProperty('meta', 'it is no JSON')
  }
}

function textOf(name: string, value: Json): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw badProperty(`meta.${name}`, 'expected a text')
}
