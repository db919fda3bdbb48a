// clouds.yaml, and secure.yaml beside it: what the tools of OpenStack know of their clouds.
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { wordsOf } from '../../../kernel/words.ts'

/**
 * One cloud as the files describe it, what secure.yaml adds included. The first file of each kind that is there counts.
 *
 * @throws Fault `openstack.no_cloud`, `openstack.unreadable_file`
 */
export async function cloudFromFiles(cloud: string, environment: NodeJS.ProcessEnv): Promise<JsonObject> {
  const clouds = await cloudsIn('clouds', environment.OS_CLIENT_CONFIG_FILE, environment)
  const found = clouds[cloud]
  if (found === undefined || !isJsonObject(found)) {
    const known = Object.keys(clouds).toSorted().join(', ') || 'none'
    throw fault('openstack.no_cloud', { details: { cloud, known } })
  }
  const secure = (await cloudsIn('secure', environment.OS_CLIENT_SECURE_FILE, environment))[cloud]
  const regions = oneRegion(found['regions'])
  const merged = isJsonObject(secure ?? null) ? merge(found, secure as JsonObject) : found
  return merged['region_name'] === undefined && regions !== undefined ? { ...merged, region_name: regions } : merged
}

async function cloudsIn(
  kind: 'clouds' | 'secure',
  named: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<JsonObject> {
  const home = environment.HOME ?? homedir()
  const usual = ['.', join(environment.XDG_CONFIG_HOME ?? join(home, '.config'), 'openstack'), '/etc/openstack']
  const paths = usual.flatMap((folder) => [join(folder, `${kind}.yaml`), join(folder, `${kind}.yml`)])
  for (const path of named === undefined || named === '' ? paths : [named]) {
    const content = await read(path)
    if (content === undefined) continue
    const clouds = isJsonObject(content) ? content['clouds'] : undefined
    return clouds !== undefined && isJsonObject(clouds) ? clouds : {}
  }
  return {}
}

async function read(path: string): Promise<Json | undefined> {
  const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
    if ((thrown as { code?: string }).code === 'ENOENT') return undefined
    throw unreadable(path, wordsOf(thrown))
  })
  if (text === undefined) return undefined
  const { load, CORE_SCHEMA } = await import('js-yaml')
  try {
    return load(text, { schema: CORE_SCHEMA }) as Json
  } catch (thrown) {
    // The parser's message quotes the line, which may hold a password.
    const { mark } = thrown as { mark?: { line?: number } }
    throw unreadable(path, `it is no YAML${mark?.line === undefined ? '' : ` (line ${mark.line + 1})`}`)
  }
}

function unreadable(path: string, reason: string): Error {
  return fault('openstack.unreadable_file', { details: { path, reason } })
}

function merge(below: JsonObject, above: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...below }
  for (const [name, value] of Object.entries(above)) {
    const old = merged[name]
    merged[name] = old !== undefined && isJsonObject(old) && isJsonObject(value) ? merge(old, value) : value
  }
  return merged
}

function oneRegion(regions: Json | undefined): string | undefined {
  const [first, second] = Array.isArray(regions) ? (regions as readonly Json[]) : []
  if (first === undefined || second !== undefined) return undefined
  const name = isJsonObject(first) ? first['name'] : first
  return typeof name === 'string' ? name : undefined
}
