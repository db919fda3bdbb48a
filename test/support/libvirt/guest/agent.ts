// The guest agent as libvirtd meets it: one command at a time, silent when it hangs, and frozen by its own belief until it
// is told to thaw. A command that the host has given up waiting for still takes its effect.
import type { Json, JsonObject } from '../../../../src/kernel/json.ts'
import { agentSilent, internalError } from '../model/vir-error.ts'
import { isAllowedWhileFrozen, type AgentCommands } from './agent-commands.ts'
import { AgentError } from './agent-error.ts'

/** absent: the channel is not connected. hung: connected, and nothing is answered. */
export type AgentState = 'connected' | 'absent' | 'hung'

export class Agent {
  /** The freeze hook of the guest fails. */
  freezeHookFails = false
  /** How long the freeze hook takes, in ms. */
  freezeHookTakes = 0
  /** Commands that the guest's policy forbids, such as guest-exec. */
  readonly blocked = new Set<string>()
  /** Commands as they came, without those of libvirt's own synchronisation. */
  readonly commands: string[] = []
  /** Told of each change of the channel. */
  onChange: (isConnected: boolean) => void = () => {}
  /** What the agent believes; a thaw by other hands does not change it. */
  believesFrozen = false
  readonly #commands: AgentCommands
  #state: AgentState
  #changed = Promise.withResolvers<void>()
  #busy: Promise<unknown> = Promise.resolve()

  constructor(commands: AgentCommands, state: AgentState) {
    this.#commands = commands
    this.#state = state
  }

  get state(): AgentState {
    return this.#state
  }

  set state(state: AgentState) {
    const before = this.#state
    this.#state = state
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
    if ((before === 'absent') !== (state === 'absent')) this.onChange(state !== 'absent')
  }

  /** Lets calls that wait look again: the guest was switched off. */
  wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  /** A new boot: a new process, which has frozen nothing. */
  restart(): void {
    this.believesFrozen = false
    this.#busy = Promise.resolve()
    this.wake()
  }

  /**
   * @param patience in ms; undefined waits without end
   * @param isGone true when the guest is not there any more
   * @throws VirError 86 when it does not answer in time, 1 when it refuses
   */
  async call(name: string, given: JsonObject, patience: number | undefined, isGone: () => boolean): Promise<Json> {
    const late = deadline(patience)
    try {
      await this.#synchronise(late.over, isGone)
      const work = this.#begin(name, given)
      const outcome = await Promise.race([work, late.over, this.#goneOf(isGone)])
      if (outcome === 'late') throw agentSilent('Guest agent not available for now')
      if (outcome === 'gone') throw agentSilent('Guest agent disappeared while executing command')
      if (outcome instanceof AgentError) {
        throw internalError(`unable to execute QEMU agent command '${name}': ${outcome.message}`)
      }
      return outcome
    } finally {
      late.cancel()
    }
  }

  /** libvirt's guest-sync: nothing is sent before the agent is seen to answer. */
  async #synchronise(late: Promise<'late'>, isGone: () => boolean): Promise<void> {
    for (;;) {
      if (isGone()) throw agentSilent('Guest agent disappeared while executing command')
      if (this.#state === 'absent') throw agentSilent('QEMU guest agent is not connected')
      const busy = this.#busy
      const change = this.#state === 'hung' ? this.#changed.promise : busy.then(() => 'free' as const)
      const next = await Promise.race([change, late, this.#goneOf(isGone)])
      if (next === 'late') throw agentSilent('Guest agent not available for now')
      if (next === 'free' && busy === this.#busy && this.state === 'connected') return
    }
  }

  async #goneOf(isGone: () => boolean): Promise<'gone'> {
    for (;;) {
      await this.#changed.promise
      if (isGone() || this.#state === 'absent') return 'gone'
    }
  }

  /** Goes on to its end whether or not somebody still waits. */
  #begin(name: string, given: JsonObject): Promise<Json | AgentError> {
    this.commands.push(name)
    const work = this.#perform(name, given)
    this.#busy = work.catch(() => undefined)
    return work
  }

  async #perform(name: string, given: JsonObject): Promise<Json | AgentError> {
    if (this.believesFrozen && !isAllowedWhileFrozen(name)) {
      return new AgentError(`Command ${name} has been disabled: the agent is in frozen state`)
    }
    if (this.blocked.has(name)) return new AgentError(`Command ${name} has been disabled: the command is not allowed`)
    try {
      return await this.#commands.execute(name, given, this)
    } catch (thrown) {
      if (thrown instanceof AgentError) return thrown
      throw internalError(String(thrown))
    }
  }
}

function deadline(patience: number | undefined): { readonly over: Promise<'late'>; cancel(): void } {
  const { promise, resolve } = Promise.withResolvers<'late'>()
  const timer = patience === undefined ? undefined : setTimeout(resolve, patience, 'late')
  return { over: promise, cancel: () => clearTimeout(timer) }
}
