// Which kinds of events one connection has registered: each once, for as long as the connection lasts.
import type { Calls } from './connection.ts'
import { eventKinds, type EventName } from './events.ts'
import { unlessInterrupted } from '../../ssh/client/interrupted.ts'

export class Registrations {
  readonly #calls: Calls
  readonly #lost: AbortSignal
  readonly #made = new Map<EventName, Promise<unknown>>()

  constructor(calls: Calls, lost: AbortSignal) {
    this.#calls = calls
    this.#lost = lost
  }

  async ensure(name: EventName, signal: AbortSignal): Promise<void> {
    const known = this.#made.get(name)
    if (known) return void (await unlessInterrupted(known, [{ signal }]))
    // Others will rely on it: who asked first may give up.
    const made = this.#register(name)
    this.#made.set(name, made)
    made.catch(() => this.#made.delete(name))
    await unlessInterrupted(made, [{ signal }])
  }

  #register(name: EventName): Promise<unknown> {
    const { of, id: eventID } = eventKinds[name]
    const options = { signal: this.#lost }
    switch (of) {
      case 'domain':
        return this.#calls.call('CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY', { eventID }, options)
      case 'network':
        return this.#calls.call('CONNECT_NETWORK_EVENT_REGISTER_ANY', { eventID }, options)
      case 'pool':
        return this.#calls.call('CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY', { eventID }, options)
      case 'monitor':
        return this.#calls.call('CONNECT_DOMAIN_MONITOR_EVENT_REGISTER', {}, options)
    }
  }
}
