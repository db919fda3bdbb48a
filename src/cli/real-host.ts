// The host of a real process: its streams, its terminal, its signals.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fault } from '../kernel/fault.ts'
import { realWorld } from '../world/real-world.ts'
import type { CliHost, OutputStream } from './host.ts'

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export function realHost(): CliHost {
  return {
    open: async (options) => (await import('../engine/open.ts')).openFermata(options),
    world: realWorld(),
    stdout: outputStream(process.stdout),
    stderr: outputStream(process.stderr),
    stdin: { isTerminal: process.stdin.isTTY === true, read: readAll, readHidden },
    env: process.env,
    defaultHome: join(homedir(), '.fermata'),
    onInterrupt,
  }
}

function outputStream(stream: NodeJS.WriteStream): OutputStream {
  const closing = new AbortController()
  // Without a listener a reader that went away (`| head`) would end the process with a stack trace.
  stream.on('error', () => closing.abort())
  return {
    write: (text) => closing.signal.aborted || stream.write(text),
    drained: () =>
      new Promise((resolve) => {
        if (closing.signal.aborted || !stream.writableNeedDrain) return resolve()
        stream.once('drain', resolve)
        closing.signal.addEventListener('abort', () => resolve(), { once: true })
      }),
    closed: closing.signal,
    get columns() {
      return stream.isTTY ? stream.columns : undefined
    },
    isTerminal: stream.isTTY === true,
  }
}

async function readAll(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks).toString('utf8')
}

/** One line from the terminal, not shown while it is typed. */
async function readHidden(prompt: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const { Writable } = await import('node:stream')
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  const interrupted = new AbortController()
  lines.on('SIGINT', () => interrupted.abort(fault('engine.cancelled', { message: 'interrupted' })))
  process.stderr.write(prompt)
  try {
    return await lines.question('', { signal: interrupted.signal })
  } catch (error) {
    throw interrupted.signal.aborted ? interrupted.signal.reason : error
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

function onInterrupt(handler: () => void): () => void {
  for (const ending of endings) process.on(ending, handler)
  return () => endings.forEach((ending) => process.off(ending, handler))
}
