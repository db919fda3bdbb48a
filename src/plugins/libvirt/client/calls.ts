// Calls over one wire: each with its serial, its deadline and its signal; answers find their call in any order.
import { seconds, type Duration } from '../../../kernel/duration.ts'
import { Fault, fault, withEffect } from '../../../kernel/fault.ts'
import { wordsOf } from '../../../kernel/words.ts'
import type { World } from '../../../world/world.ts'
import type { Interruption } from '../../ssh/client/interrupted.ts'
import type { CallOptions, Calls } from './connection.ts'
import { callFault, decodeError } from './errors.ts'
import { encodeFrame, messageStatuses, messageTypes, type Frame } from './frames.ts'
import {
  procedures,
  programs,
  type AnyProcedure,
  type ArgumentsOf,
  type ProcedureName,
  type ReturnsOf,
} from './procedures.ts'
import { SlowCalls } from './slow-calls.ts'
import type { Wire } from './wire.ts'
import { XdrReader } from './xdr.ts'

/** Quick calls wait for nothing; libvirt itself gives up on what blocks them after 30 s. */
const quickDeadline: Duration = seconds(60)
/** Ends the wait for a deadline. Without a reason of ours each call would make an error with a stack. */
const answered = 'answered'

interface Pending {
  readonly name: ProcedureName
  readonly procedure: AnyProcedure
  /** Nobody waits any more, but the daemon is still at it. */
  isAbandoned: boolean
  answer(frame: Frame): void
  lose(reason: string): void
}

export interface SentCall<Name extends ProcedureName> {
  readonly serial: number
  readonly procedure: AnyProcedure
  readonly returned: Promise<ReturnsOf<Name>>
}

export class RpcCalls implements Calls {
  readonly #wire: Wire
  readonly #world: World
  readonly #uri: string
  readonly #pending = new Map<number, Pending>()
  readonly #slow = new SlowCalls()
  #serial = 0

  constructor(wire: Wire, { uri, world }: { readonly uri: string; readonly world: World }) {
    this.#wire = wire
    this.#uri = uri
    this.#world = world
    wire.lost.addEventListener(
      'abort',
      () => {
        const lost = [...this.#pending.values()]
        this.#pending.clear()
        for (const pending of lost) pending.lose(String(wire.lost.reason))
      },
      { once: true },
    )
  }

  /** What the daemon has not answered yet, given up or not. */
  get underWay(): number {
    return this.#pending.size
  }

  get slowCalls(): number {
    return this.#slow.count
  }

  async call<Name extends ProcedureName>(
    name: Name,
    args: ArgumentsOf<Name>,
    options: CallOptions,
  ): Promise<ReturnsOf<Name>> {
    options.signal.throwIfAborted()
    const { isSlow } = procedures[name]
    const limit = options.deadline ?? (isSlow ? undefined : quickDeadline)
    if (limit === undefined) return this.#inTurn(name, args, [{ signal: options.signal }])
    const over = new AbortController()
    const late = new AbortController()
    this.#world.clock.sleep(limit, over.signal).then(
      () => late.abort(this.#lateFault(name, limit)),
      () => {},
    )
    try {
      return await this.#inTurn(name, args, [{ signal: options.signal }, { signal: late.signal }])
    } finally {
      over.abort(answered)
    }
  }

  /** For streams: what belongs to the call comes under its serial. */
  send<Name extends ProcedureName>(
    name: Name,
    args: ArgumentsOf<Name>,
    interruptions: readonly Interruption[],
    whenAnswered = (): void => {},
  ): SentCall<Name> {
    const procedure: AnyProcedure = procedures[name]
    const lost = this.#wire.lost
    if (lost.aborted) throw this.#lostFault(name, String(lost.reason), 'none')
    for (const { signal } of interruptions) signal.throwIfAborted()
    const serial = this.#nextSerial()
    const header = { program: programs[procedure.program], procedure: procedure.number, serial }
    const status = messageStatuses.ok
    const bytes = encodeFrame({ ...header, type: messageTypes.call, status }, (to) => procedure.args.write(to, args))
    const returned = this.#answerTo(serial, name, interruptions, whenAnswered)
    this.#wire.send(bytes)
    return { serial, procedure, returned: returned as Promise<ReturnsOf<Name>> }
  }

  take(frame: Frame): void {
    const pending = this.#pending.get(frame.serial)
    // A serial that nobody waits for is no harm.
    if (!pending) return
    this.#pending.delete(frame.serial)
    pending.answer(frame)
  }

  async #inTurn<Name extends ProcedureName>(
    name: Name,
    args: ArgumentsOf<Name>,
    interruptions: readonly Interruption[],
  ): Promise<ReturnsOf<Name>> {
    if (!procedures[name].isSlow) return this.send(name, args, interruptions).returned
    const lost = { signal: this.#wire.lost, problem: (why: unknown) => this.#lostFault(name, String(why), 'none') }
    if (!this.#slow.tryEnter()) await this.#slow.enter([...interruptions, lost])
    let sent
    try {
      // Its turn ends with the answer, not with our patience: the daemon is at it until then.
      sent = this.send(name, args, interruptions, () => this.#slow.leave())
    } catch (thrown) {
      this.#slow.leave()
      throw thrown
    }
    return sent.returned
  }

  #answerTo(
    serial: number,
    name: ProcedureName,
    interruptions: readonly Interruption[],
    whenAnswered: () => void,
  ): Promise<unknown> {
    const procedure: AnyProcedure = procedures[name]
    const effect = procedure.isRead ? 'none' : 'unknown'
    return new Promise((resolve, reject) => {
      const listeners = interruptions.map(({ signal }) => ({
        signal,
        giveUp: () => settle(() => reject(given(signal))),
      }))
      const given = (signal: AbortSignal): unknown => {
        pending.isAbandoned = true
        return this.#givenUp(name, signal.reason)
      }
      const settle = (tell: () => void): void => {
        for (const { signal, giveUp } of listeners) signal.removeEventListener('abort', giveUp)
        tell()
      }
      const pending: Pending = {
        name,
        procedure,
        isAbandoned: false,
        answer: (frame) => {
          whenAnswered()
          if (pending.isAbandoned) return
          settle(() => {
            try {
              resolve(decodeAnswer(pending, frame))
            } catch (thrown) {
              reject(thrown)
            }
          })
        },
        lose: (reason) => {
          whenAnswered()
          if (!pending.isAbandoned) settle(() => reject(this.#lostFault(name, reason, effect)))
        },
      }
      this.#pending.set(serial, pending)
      for (const { signal, giveUp } of listeners) signal.addEventListener('abort', giveUp, { once: true })
    })
  }

  /** What a signal was aborted with, once the call is under way: a change may go on without us. */
  #givenUp(name: ProcedureName, reason: unknown): unknown {
    const isRead = procedures[name].isRead
    if (isRead) return reason
    if (reason instanceof Fault && reason.code === 'libvirt.no_answer') return withEffect(reason, 'unknown')
    return fault('libvirt.given_up', {
      details: { uri: this.#uri, call: name, reason: wordsOf(reason) },
      effect: 'unknown',
      cause: reason,
    })
  }

  #lateFault(name: ProcedureName, limit: Duration): Fault {
    const details = { uri: this.#uri, call: name, limit: `${limit / 1000} s` }
    return fault('libvirt.no_answer', { details, effect: 'none' })
  }

  #lostFault(name: ProcedureName, reason: string, effect: 'none' | 'unknown'): Fault {
    return fault('libvirt.connection_lost', { details: { uri: this.#uri, call: name, reason }, effect })
  }

  #nextSerial(): number {
    do this.#serial = this.#serial === 0xffffffff ? 1 : this.#serial + 1
    while (this.#pending.has(this.#serial))
    return this.#serial
  }
}

function decodeAnswer({ name, procedure }: Pending, frame: Frame): unknown {
  const effect = procedure.isRead ? 'none' : 'unknown'
  if (frame.procedure !== procedure.number || frame.program !== programs[procedure.program])
    throw fault('libvirt.bad_message', { details: { reason: `${name} was answered as another call` }, effect })
  try {
    if (frame.status === messageStatuses.ok) return procedure.returns.read(new XdrReader(frame.payload))
  } catch (thrown) {
    const reason = `the answer to ${name}: ${wordsOf(thrown)}`
    throw fault('libvirt.bad_message', { details: { reason }, effect, cause: thrown })
  }
  if (frame.status === messageStatuses.error) throw errorOf(name, procedure, frame)
  const reason = `${name} was answered with status ${frame.status}`
  throw fault('libvirt.bad_message', { details: { reason }, effect })
}

function errorOf(name: ProcedureName, { isRead }: AnyProcedure, { payload }: Frame): Fault {
  try {
    return callFault(name, decodeError(payload), isRead)
  } catch (cause) {
    const reason = `the error that answers ${name}: ${wordsOf(cause)}`
    return fault('libvirt.bad_message', { details: { reason }, effect: isRead ? 'none' : 'unknown', cause })
  }
}
