// The deadman beside a hypervisor: a program of its own that thaws the guest of a domain when a freeze outlives its lease.
// Its connection is open from the start, and opened anew when it was lost.
import { realWorld } from '../../../world/real-world.ts'
import { keepWatch } from '../../guard/watch.ts'
import { connect, type LibvirtConnection } from '../client/connection.ts'
import { thawGuest } from './agent.ts'
import type { DomainGuardRequest } from './guard-request.ts'

const rounds = 600
const pause = 100
/** Milliseconds for one try: a daemon that hangs must not keep the next one from being made. */
const tryFor = 45_000

async function thaw(line: Line, { name, uuid }: DomainGuardRequest['domain']): Promise<string> {
  let reason = ''
  for (let round = 0; round < rounds; round += 1) {
    try {
      const calls = await line.open()
      const count = await thawGuest({ calls, dom: { name, uuid, id: -1 } }, { signal: AbortSignal.timeout(tryFor) })
      return `thawed ${count}`
    } catch (thrown) {
      reason = thrown instanceof Error ? thrown.message : String(thrown)
      line.drop()
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

// Last: what it uses must be there.
keepWatch<DomainGuardRequest>(({ uri, domain }) => {
  const line = new Line(uri)
  void line.open().catch(() => {})
  return { thaw: () => thaw(line, domain) }
})
