// guest-file-*: files of the simulated guest, opened, read and written by handle.
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { Json, JsonObject } from '../../../../src/kernel/json.ts'
import { AgentError } from './agent-error.ts'
import { inGuest, outOfGuest } from './guest.ts'

const modes = new Set(['r', 'w', 'a', 'r+', 'w+', 'a+'])

export class AgentFiles {
  readonly #folder: string
  readonly #open = new Map<number, { readonly fd: number; at: number }>()
  #next = 1000

  constructor(folder: string) {
    this.#folder = folder
  }

  open(given: JsonObject): Json {
    const path = String(given['path'])
    const mode = String(given['mode'] ?? 'r').replace('b', '')
    if (!modes.has(mode)) throw new AgentError(`invalid file open mode '${mode}'`)
    try {
      const fd = openSync(join(this.#folder, posix.normalize(path)), mode)
      const handle = this.#next++
      this.#open.set(handle, { fd, at: 0 })
      return handle
    } catch (thrown) {
      throw new AgentError(`failed to open file '${path}' (mode: '${mode}'): ${wordsOf(thrown)}`)
    }
  }

  write(given: JsonObject): Json {
    const file = this.#of(given)
    const bytes = Buffer.from(String(given['buf-b64']), 'base64')
    const count = typeof given['count'] === 'number' ? given['count'] : bytes.length
    const text = bytes.subarray(0, count)
    // Scripts name paths of the guest; bytes that are no text stay as they are.
    const isText = Buffer.from(text.toString()).equals(text)
    const content = isText ? Buffer.from(inGuest(this.#folder, text.toString())) : text
    writeSync(file.fd, content)
    return { count, eof: false }
  }

  read(given: JsonObject): Json {
    const file = this.#of(given)
    const buffer = Buffer.alloc(typeof given['count'] === 'number' ? given['count'] : 4096)
    const length = readSync(file.fd, buffer, 0, buffer.length, file.at)
    file.at += length
    const bytes = Buffer.from(outOfGuest(this.#folder, buffer.subarray(0, length).toString('latin1')), 'latin1')
    return { count: bytes.length, 'buf-b64': bytes.toString('base64'), eof: length < buffer.length }
  }

  seek(given: JsonObject): Json {
    const file = this.#of(given)
    if (given['whence'] === 0 || given['whence'] === 'set') file.at = Number(given['offset'])
    return { position: file.at, eof: false }
  }

  flush(given: JsonObject): Json {
    this.#of(given)
    return {}
  }

  close(given: JsonObject): Json {
    closeSync(this.#of(given).fd)
    this.#open.delete(Number(given['handle']))
    return {}
  }

  closeAll(): void {
    for (const { fd } of this.#open.values()) closeSync(fd)
    this.#open.clear()
  }

  #of(given: JsonObject): { readonly fd: number; at: number } {
    const file = this.#open.get(Number(given['handle']))
    if (!file) throw new AgentError(`handle '${String(given['handle'])}' has not been found`)
    return file
  }
}

function wordsOf(thrown: unknown): string {
  const code = (thrown as { readonly code?: string }).code
  if (code === 'ENOENT') return 'No such file or directory'
  return code === 'EISDIR' ? 'Is a directory' : String(code)
}
