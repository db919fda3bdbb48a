// Processes that were started in a simulated guest. They are real, run in its folder, and end, stop and go on with it.
import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { guestEnvironment, inGuest, outOfGuest } from './guest.ts'

export interface ExecRequest {
  readonly path: string
  readonly arguments: readonly string[]
  readonly environment: readonly string[]
  readonly input: Buffer | undefined
  readonly captures: boolean
}

/** As guest-exec-status answers it. */
export interface ExecStatus {
  exited: boolean
  exitCode?: number
  signal?: number
  output: Buffer[]
  errors: Buffer[]
  readonly captures: boolean
}

const signalNumbers: Readonly<Record<string, number>> = { SIGKILL: 9, SIGTERM: 15, SIGINT: 2, SIGHUP: 1 }

export class GuestProcesses {
  readonly #folder: string
  readonly #known = new Map<number, ExecStatus>()
  #everStarted = false

  constructor(folder: string) {
    this.#folder = folder
  }

  /** @throws when there is no such program */
  async start(request: ExecRequest): Promise<number> {
    this.#everStarted = true
    const into = (text: string): string => inGuest(this.#folder, text)
    const child = spawn(into(request.path), request.arguments.map(into), {
      cwd: this.#folder,
      detached: true,
      env: { ...guestEnvironment(this.#folder), ...this.#environment(request.environment) },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    const status: ExecStatus = { exited: false, output: [], errors: [], captures: request.captures }
    this.#follow(child, status)
    child.stdin?.on('error', () => {})
    child.stdin?.end(request.input ? into(request.input.toString()) : '')
    const { pid } = child as { readonly pid: number }
    this.#known.set(pid, status)
    return pid
  }

  #environment(pairs: readonly string[]): Record<string, string> {
    return Object.fromEntries(
      pairs
        .map((pair) => [pair.slice(0, pair.indexOf('=')), inGuest(this.#folder, pair.slice(pair.indexOf('=') + 1))])
        .filter(([name]) => name !== 'PATH'),
    )
  }

  #follow(child: ChildProcess, status: ExecStatus): void {
    child.stdout?.on('data', (bytes: Buffer) => void status.output.push(bytes))
    child.stderr?.on('data', (bytes: Buffer) => void status.errors.push(bytes))
    child.on('exit', (code, signal) => {
      status.exited = true
      if (code === null) status.signal = signalNumbers[signal ?? ''] ?? 15
      else status.exitCode = code
    })
    child.unref()
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as { unref?(): void })?.unref?.()
  }

  /** What became of it; a process that ended is told of once. */
  status(pid: number): ExecStatus | undefined {
    const status = this.#known.get(pid)
    if (status?.exited) this.#known.delete(pid)
    return status
  }

  text(pieces: readonly Buffer[]): Buffer {
    return Buffer.from(outOfGuest(this.#folder, Buffer.concat(pieces).toString()))
  }

  /** Every process of the guest, those that left their group too. */
  pids(): readonly number[] {
    if (!this.#everStarted) return []
    const mark = `FAKE_GUEST=${this.#folder}\0`
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid && environmentOf(pid).includes(mark))
  }

  /** Stops and goes on with the guest, ends with it. */
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    for (const pid of this.pids()) {
      try {
        process.kill(pid, name)
      } catch {
        // It ended by itself.
      }
    }
    if (name === 'SIGKILL') this.#known.clear()
  }
}

function environmentOf(pid: number): string {
  try {
    return `${readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`
  } catch {
    return ''
  }
}
