// Who listens to events, and what is registered for them. One registration of a kind serves all who listen to it.
import { wordsOf } from '../../../kernel/words.ts'
import { eventKinds, type EventName, type EventOf, type LibvirtEvents, type ListenOptions } from './events.ts'
import type { Frame } from './frames.ts'
import { programs } from './procedures.ts'
import { XdrReader } from './xdr.ts'

interface Listener {
  readonly name: EventName
  hear(event: unknown): void
  miss(reason: string): void
}

/** Sees to it that the daemon tells events of a kind. Called for each who listens; cheap when it is registered. */
export type Register = (name: EventName, signal: AbortSignal) => Promise<void>

export class EventHub implements LibvirtEvents {
  readonly #listeners = new Set<Listener>()
  readonly #register: Register

  constructor(register: Register) {
    this.#register = register
  }

  /** Kinds that somebody listens to. */
  get names(): readonly EventName[] {
    return [...new Set([...this.#listeners].map(({ name }) => name))]
  }

  async listen<Name extends EventName>(name: Name, options: ListenOptions<Name>): Promise<() => Promise<void>> {
    const { uuid, signal, onEvent, onGap } = options
    signal.throwIfAborted()
    const listener: Listener = {
      name,
      hear: (event) => {
        if (uuid === undefined || uuidOf(event) === uuid.toLowerCase()) onEvent(event as EventOf<Name>)
      },
      miss: (reason) => onGap?.(reason),
    }
    const end = (): void => {
      this.#listeners.delete(listener)
      signal.removeEventListener('abort', end)
    }
    // Before it is registered: the first events may come before the answer.
    this.#listeners.add(listener)
    signal.addEventListener('abort', end, { once: true })
    try {
      await this.#register(name, signal)
    } catch (thrown) {
      end()
      throw thrown
    }
    return async () => end()
  }

  tell(name: EventName, event: unknown): void {
    for (const listener of this.#listeners) {
      if (listener.name !== name) continue
      try {
        listener.hear(event)
      } catch (thrown) {
        // The others, and the connection, have nothing to do with it.
        listener.miss(wordsOf(thrown))
      }
    }
  }

  gap(reason: string): void {
    for (const listener of this.#listeners) listener.miss(reason)
  }
}

const names = new Map<string, EventName>(
  Object.entries(eventKinds).map(([name, { of, message }]) => [
    `${of === 'monitor' ? programs.qemu : programs.remote} ${message}`,
    name as EventName,
  ]),
)

/** Undefined: none that anybody here knows. @throws Fault `libvirt.bad_message` */
export function decodeEvent({ program, procedure, payload }: Frame): { name: EventName; event: unknown } | undefined {
  const name = names.get(`${program} ${procedure}`)
  if (name === undefined) return undefined
  const reader = new XdrReader(payload)
  // The id of the registration: there is one of each kind.
  reader.i32()
  return { name, event: eventKinds[name].body.read(reader) }
}

function uuidOf(event: unknown): string | undefined {
  const { dom, net, pool } = event as Partial<Record<'dom' | 'net' | 'pool', { readonly uuid: string }>>
  return (dom ?? net ?? pool)?.uuid
}
