// The `ctx` command of scripts: sends its words to CTX_SOCKET_URL and prints the answer. It starts once for each call
// of a script, so it imports nothing but a socket, and nothing of ours.
import { realpathSync } from 'node:fs'
import { connect } from 'node:net'

export interface Request {
  words: unknown[]
  url: string
  timeoutSeconds: number
  asJson: boolean
  isHelp: boolean
}

const usage = `usage: ctx [-t SECONDS] [-j] [--socket-url URL] [--json-arg-prefix PREFIX] WORD...
  ctx node properties port            ctx instance runtime-properties a.b[0] @5
  ctx logger info TEXT                ctx download-resource PATH [TARGET]
  ctx returns VALUE                   ctx operation retry TEXT [SECONDS]
  ctx abort-operation TEXT            ctx secret get NAME
A word that begins with @ is read as JSON.`

/** @throws Error for words that are no command. */
export function readCommandLine(given: readonly string[]): Request {
  const words: string[] = []
  const url = process.env['CTX_SOCKET_URL'] ?? ''
  const request: Request = { words: [], url, timeoutSeconds: 30, asJson: false, isHelp: false }
  let prefix = '@'
  for (let index = 0; index < given.length; index += 1) {
    const word = given[index] ?? ''
    const [name, inline] = word.startsWith('--') && word.includes('=') ? splitOnce(word) : [word, undefined]
    const value = (): string => inline ?? given[(index += 1)] ?? refuse(`${name} needs a value`)
    if (word === '--') {
      words.push(...given.slice(index + 1))
      break
    } else if (name === '-j' || name === '--json-output') request.asJson = true
    else if (name === '-t' || name === '--timeout') request.timeoutSeconds = readTimeout(value())
    else if (name === '--socket-url') request.url = value()
    else if (name === '--json-arg-prefix') prefix = value()
    else if (words.length === 0 && (name === '-h' || name === '--help')) request.isHelp = true
    else words.push(word)
  }
  request.words = words.map((word) => (prefix !== '' && word.startsWith(prefix) ? readJson(word, prefix) : word))
  return request
}

function splitOnce(word: string): [string, string] {
  const place = word.indexOf('=')
  return [word.slice(0, place), word.slice(place + 1)]
}

function readTimeout(text: string): number {
  const count = Number(text)
  return count > 0 ? count : refuse(`-t needs a number of seconds, not '${text}'`)
}

function readJson(word: string, prefix: string): unknown {
  try {
    return JSON.parse(word.slice(prefix.length))
  } catch {
    return refuse(`'${word}' is not JSON after its '${prefix}'; --json-arg-prefix chooses another mark`)
  }
}

/** HTTP/1.0 in one packet: the answer ends where the connection ends. */
function post(request: Request): void {
  const url = URL.canParse(request.url)
    ? new URL(request.url)
    : fail(`'${request.url}' is no address; ctx works only inside a script`)
  const body = Buffer.from(JSON.stringify({ args: request.words }))
  const head = `POST ${url.pathname}${url.search} HTTP/1.0\r\nHost: ${url.host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  const chunks: Buffer[] = []
  const socket = connect({ host: url.hostname, port: Number(url.port || 80) })
  socket.setTimeout(request.timeoutSeconds * 1000, () => fail(`no answer within ${request.timeoutSeconds} s`))
  socket.on('error', (error) => fail(`cannot reach fermata: ${error.message}`))
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('end', () => answer(Buffer.concat(chunks).toString('utf8'), request.asJson))
  socket.write(Buffer.concat([Buffer.from(head), body]))
}

function answer(response: string, asJson: boolean): void {
  const start = response.indexOf('\r\n\r\n')
  const reply = parseReply(response.slice(start + 4))
  if (start < 0 || reply === undefined) fail(`an answer that is not understood: ${response.slice(0, 200)}`)
  else if (reply.type === 'result') finish(0, asJson ? JSON.stringify(reply.payload) : printed(reply.payload))
  else if (reply.type === 'stop_operation') exitWith(`${messageOf(reply.payload)}\n`)
  else fail(messageOf(reply.payload))
}

function parseReply(text: string): { type: unknown; payload: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && 'type' in value && 'payload' in value) return value
  } catch {
    // Told by the caller.
  }
  return undefined
}

function messageOf(payload: unknown): string {
  const isObject = typeof payload === 'object' && payload !== null && 'message' in payload
  return isObject ? String(payload.message) : JSON.stringify(payload)
}

/** As Cloudify's command prints: Python's `str`, and nothing for what Python holds to be false. */
export function printed(value: unknown): string {
  if (value === null || value === false || value === 0 || value === '') return ''
  if (typeof value === 'string') return value
  return typeof value === 'object' && Object.keys(value as object).length === 0 ? '' : inPython(value)
}

function inPython(value: unknown): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(inPython).join(', ')}]`
  if (typeof value !== 'object') return String(value)
  return `{${Object.entries(value)
    .map(([name, item]) => `${quoted(name)}: ${inPython(item)}`)
    .join(', ')}}`
}

function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
  return `${mark}${escaped.replaceAll(mark, `\\${mark}`)}${mark}`
}

function refuse(message: string): never {
  throw new Error(message)
}

function fail(message: string): never {
  return exitWith(`ctx: ${message}\n`)
}

function exitWith(text: string): never {
  process.stderr.write(text)
  process.exit(1)
}

function finish(code: number, text: string): void {
  process.exitCode = code
  process.stdout.write(text)
}

export const helpText = `${usage}\n`

function main(): void {
  let request: Request
  try {
    request = readCommandLine(process.argv.slice(2))
  } catch (thrown) {
    return fail((thrown as Error).message)
  }
  if (request.isHelp) finish(0, helpText)
  else if (request.words.length === 0) fail(`say what you want\n${usage}`)
  else post(request)
}

// Others take the words apart with it, too: for scripts that run on another host.
if (realpathSync(process.argv[1] ?? '.') === import.meta.filename) main()
