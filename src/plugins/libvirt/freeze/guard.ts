// The deadman beside a hypervisor: a program of its own that thaws guests whose freeze outlives its lease. Connections are
// open from the start, and opened anew when they were lost.
import { realWorld } from '../../../world/real-world.ts'
import { keepWatches } from '../../guard/keep-watches.ts'
import { connect, type LibvirtConnection } from '../client/connection.ts'
import { libvirtErrorOf } from '../client/errors.ts'
import { thawGuest } from './agent.ts'
import type { DomainGuardRequest } from './guard-request.ts'

const rounds = 600
const pause = 100
/** Milliseconds for one try: a daemon that hangs must not keep the next one from being made. */
const tryFor = 45_000

async function thaw(line: Line, { name, uuid }: DomainGuardRequest['domain'], unwanted: AbortSignal): Promise<string> {
  let reason = ''
  for (let round = 0; round < rounds && !unwanted.aborted; round += 1) {
    try {
      const calls = await line.open()
      const signal = AbortSignal.any([unwanted, AbortSignal.timeout(tryFor)])
      const count = await thawGuest({ calls, dom: { name, uuid, id: -1 } }, { signal })
      return `thawed ${count}`
    } catch (thrown) {
      reason = thrown instanceof Error ? thrown.message : String(thrown)
      // Others may be waiting for an answer there: one that the daemon itself gave speaks for the connection.
      if (libvirtErrorOf(thrown) === undefined) line.drop()
    }
    await line.world.clock.sleep(pause)
  }
  return `not thawed: ${reason}`
}

class Line {
  readonly #uri: string
  readonly world = realWorld()
  #connection: Promise<LibvirtConnection> | undefined

  constructor(uri: string) {
    this.#uri = uri
  }

  async open(): Promise<LibvirtConnection> {
    this.#connection ??= connect({ uri: this.#uri, signal: AbortSignal.timeout(tryFor), world: this.world })
    try {
      const connection = await this.#connection
      if (!connection.lost.aborted) return connection
    } catch (thrown) {
      this.drop()
      throw thrown
    }
    this.drop()
    return this.open()
  }

  drop(): void {
    const dropped = this.#connection
    this.#connection = undefined
    void dropped?.then((connection) => connection.close()).catch(() => {})
  }
}

/** A daemon works on so many calls that wait for agents, and answers others meanwhile. */
const guestsOnALine = 4
/** By URI; the last one has room. */
const lines = new Map<string, { readonly line: Line; guests: number }>()

function lineTo(uri: string): Line {
  const known = lines.get(uri)
  if (known && known.guests < guestsOnALine) {
    known.guests += 1
    return known.line
  }
  const line = new Line(uri)
  lines.set(uri, { line, guests: 1 })
  void line.open().catch(() => {})
  return line
}

// Last: what it uses must be there.
keepWatches<DomainGuardRequest>(({ uri, domain }) => {
  const line = lineTo(uri)
  return { thaw: (_firedAt, unwanted) => thaw(line, domain, unwanted) }
})
