// What a volume is filled with: a file of the blueprint, or what a web server gives. Counted and digested on the way, so that
// a page of an error, half of a file or another file is not taken for it.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { fault, Fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { badProperty } from '../errors.ts'

export interface Contents {
  /** Without password and query. */
  readonly shown: string
  /** undefined: nobody says. */
  readonly bytes: number | undefined
  read(): Promise<AsyncIterable<Uint8Array>>
}

type Scene = Pick<OperationContext, 'signal' | 'blueprintFile'>

/** Asks for the size; nothing is read yet. @throws Fault `libvirt.no_contents`, `script.not_found` */
export async function contentsAt(ctx: Scene, name: string, url: string): Promise<Contents> {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(url)) {
    const path = await ctx.blueprintFile(url)
    const { size } = await stat(path)
    return { shown: url, bytes: size, read: async () => createReadStream(path) }
  }
  const address = addressOf(url)
  const shown = `${address.protocol}//${address.host}${address.pathname}`
  const ask = async (method: 'HEAD' | 'GET'): Promise<Response> => {
    const response = await request(ctx, { name, shown, address, method })
    if (response.ok) return response
    await response.body?.cancel()
    const isOver = response.status >= 400 && response.status < 500
    const reason = `it answered ${response.status} ${response.statusText}`.trim()
    throw fault('libvirt.no_contents', {
      details: { name, url: shown, reason },
      effect: 'none',
      ...(isOver ? { retry: 'never' as const } : {}),
    })
  }
  const length = (await ask('HEAD')).headers.get('content-length')
  return {
    shown,
    bytes: length === null ? undefined : Number(length),
    async read() {
      const { body } = await ask('GET')
      return body ?? once(new Uint8Array())
    },
  }
}

function addressOf(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined
  if (address?.protocol === 'http:' || address?.protocol === 'https:') return address
  throw badProperty('params.url', 'expected http://, https:// or the path of a file of the blueprint')
}

interface Request {
  readonly name: string
  readonly shown: string
  readonly address: URL
  readonly method: 'HEAD' | 'GET'
}

async function request({ signal }: Scene, { name, shown, address, method }: Request): Promise<Response> {
  const plain = new URL(address)
  plain.username = ''
  plain.password = ''
  const user = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`
  const headers = address.username === '' ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` }
  try {
    return await fetch(plain, { method, headers: { ...headers, 'accept-encoding': 'identity' }, signal })
  } catch (thrown) {
    if (signal.aborted) throw signal.reason
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : 'it does not answer'
    throw fault('libvirt.no_contents', { details: { name, url: shown, reason: cause }, effect: 'none' })
  }
}

async function* once(content: Uint8Array): AsyncIterable<Uint8Array> {
  yield content
}

export interface Expected {
  readonly name: string
  readonly sha256: string | undefined
  /** Bytes. */
  readonly longest: number
}

/** Passes the contents on; throws at their end, or as soon as they are too long, when they are not what was wanted. */
export async function* checked(contents: Contents, { name, sha256, longest }: Expected): AsyncGenerator<Uint8Array> {
  const wrong = (reason: string): Fault =>
    fault('libvirt.wrong_contents', { details: { name, url: contents.shown, reason } })
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of whole(contents, name)) {
    bytes += chunk.length
    if (bytes > longest) throw wrong(`it is longer than ${longest} bytes`)
    hash.update(chunk)
    yield chunk
  }
  if (contents.bytes !== undefined && bytes !== contents.bytes)
    throw fault('libvirt.no_contents', {
      details: { name, url: contents.shown, reason: `it ended after ${bytes} of ${contents.bytes} bytes` },
      effect: 'done',
    })
  const digest = hash.digest('hex')
  if (sha256 !== undefined && digest !== sha256) throw wrong(`its sha256 is ${digest}, not ${sha256}`)
}

async function* whole(contents: Contents, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* await contents.read()
  } catch (thrown) {
    if (thrown instanceof Fault || !(thrown instanceof TypeError)) throw thrown
    const reason = thrown.cause instanceof Error ? thrown.cause.message : 'it broke off'
    throw fault('libvirt.no_contents', { details: { name, url: contents.shown, reason }, effect: 'done' })
  }
}
