// Reads what `-i` and `-p` are given: key=value, a JSON or YAML mapping, or files that hold one. Later ones win.
import { readFile, stat } from 'node:fs/promises'
import { fault } from '../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'

const pair = /^([^\s=:/{}[\],'"]+)=(.*)$/s
const nullText = /^(?:null|Null|NULL|~)$/
const trueText = /^(?:true|True|TRUE)$/
const falseText = /^(?:false|False|FALSE)$/
const numberText = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/
const hexadecimalText = /^0(?:x[\da-fA-F]+|o[0-7]+)$/
/** What cfy would have taken apart at `;`. */
const secondPair = /;\s*[A-Za-z_][\w.-]*=/

/** For the help of the commands that take such values. */
export const keyValuesNote =
  'A value in key=value is typed by the core rules of YAML 1.2: false is a boolean, 5 a number, null nothing, [a, b] and ' +
  '{a: 1} lists and mappings; what stands in quotes ("5") is text, and so is everything else. Only the first = divides.'

/** @throws Fault `usage.bad_pair`, `usage.unreadable_file` */
export async function readKeyValues(texts: readonly string[]): Promise<JsonObject> {
  const parts: JsonObject[] = []
  for (const text of texts) parts.push(await readOne(text))
  return Object.fromEntries(parts.flatMap((part) => Object.entries(part)))
}

async function readOne(text: string): Promise<JsonObject> {
  const match = pair.exec(text)
  if (match) return Object.fromEntries([[match[1] ?? '', await readValue(text, match[2] ?? '')]])
  const files = await existingFiles(text)
  if (files.length > 0) return readFiles(files)
  const found = await readYaml(text).catch(() => undefined)
  if (isJsonObject(found)) return found
  throw fault('usage.bad_pair', { details: { value: text } })
}

/**
 * The value in `key=value`: typed by the core rules of YAML 1.2. Lists and mappings are written `[a, b]` and `{a: 1}`,
 * and what stands in quotes is text. Everything else is text as it stands, also where YAML would see more in it.
 */
async function readValue(whole: string, text: string): Promise<Json> {
  const value = text.trim()
  if (secondPair.test(value) && !/^["'{[]/.test(value)) throw ambiguous(whole)
  if (nullText.test(value)) return null
  if (trueText.test(value)) return true
  if (falseText.test(value)) return false
  if (numberText.test(value) || hexadecimalText.test(value)) return exactNumber(value)
  if (!/^["'[{]/.test(value)) return text
  try {
    return await readYaml(value)
  } catch (error) {
    const hint = `put it into quotes if it is text: '${whole.slice(0, whole.indexOf('='))}="..."'`
    throw fault('usage.bad_pair', { message: `'${whole}': the value is not readable as YAML`, hint, cause: error })
  }
}

/** A number too long to be held exactly stays text. */
function exactNumber(value: string): Json {
  const number = Number(value)
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) return value
  return Number.isFinite(number) ? number : value
}

function ambiguous(whole: string): Error {
  const name = whole.slice(0, whole.indexOf('='))
  return fault('usage.bad_pair', {
    message: `'${whole}' may be one value or several pairs`,
    hint: `give each pair with an option of its own; or, for one value: '${name}="..."'`,
  })
}

/** One file, or several with commas between. Empty when any of them is not there. */
async function existingFiles(text: string): Promise<string[]> {
  if (text.trim() === '' || text.includes('\n')) return []
  if (await isFile(text)) return [text]
  const names = text.split(',').map((name) => name.trim())
  const found = await Promise.all(names.map(isFile))
  return names.length > 1 && found.every(Boolean) ? names : []
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

async function readFiles(paths: readonly string[]): Promise<JsonObject> {
  const entries: [string, Json][] = []
  for (const path of paths) {
    const content = await readFile(path, 'utf8').catch((error: unknown) => {
      throw unreadable(path, error instanceof Error ? error.message : String(error))
    })
    const value = await readYaml(content).catch((error: unknown) => {
      throw unreadable(path, `not YAML or JSON: ${error instanceof Error ? error.message : String(error)}`)
    })
    if (value !== null && !isJsonObject(value)) throw unreadable(path, 'it holds no mapping of names to values')
    entries.push(...Object.entries(value ?? {}))
  }
  return Object.fromEntries(entries)
}

function unreadable(path: string, reason: string): Error {
  return fault('usage.unreadable_file', { details: { path, reason: reason.split('\n')[0] ?? reason } })
}

async function readYaml(text: string): Promise<Json> {
  const { load, CORE_SCHEMA } = await import('js-yaml')
  if (/^\s*(?:#[^\n]*\s*)*$/.test(text)) return null
  return load(text, { schema: CORE_SCHEMA }) as Json
}
