// A token that lasts for a while: fetched once for all who need it, renewed in time and when the cloud no longer takes it.
import type { Duration } from '../../kernel/duration.ts'
import type { World } from '../../world/world.ts'
import { orAborted } from './shared-work.ts'

export interface Perishable {
  readonly lifetime: Duration
  /** By our clock. */
  readonly endsAt: number
}

export interface TokenSource<Token> {
  /** A request that is on its way when its token ends is refused. */
  readonly margin: Duration
  signIn(): Promise<Token>
}

export class KeptToken<Token extends Perishable> {
  readonly #world: World
  readonly #source: TokenSource<Token>
  #token: Token | undefined
  #renewal: Promise<Token> | undefined

  constructor(world: World, source: TokenSource<Token>) {
    this.#world = world
    this.#source = source
  }

  /** Whatever there is, ended or not. */
  get last(): Token | undefined {
    return this.#token
  }

  /** @throws what `signIn` throws */
  async get(signal: AbortSignal): Promise<Token> {
    const token = this.#token
    const left = token === undefined ? 0 : token.endsAt - this.#world.clock.now()
    if (token !== undefined && left > Math.min(this.#source.margin, token.lifetime / 10)) return token
    return this.#renew(signal)
  }

  /** Another one than `old`, which the cloud does not take. */
  async newerThan(old: Token, signal: AbortSignal): Promise<Token> {
    if (this.#token === old) this.#token = undefined
    return this.get(signal)
  }

  // Shared by all who wait for it: one of them who leaves does not end it for the others.
  async #renew(signal: AbortSignal): Promise<Token> {
    signal.throwIfAborted()
    this.#renewal ??= this.#signIn().finally(() => {
      this.#renewal = undefined
    })
    return orAborted(this.#renewal, signal)
  }

  async #signIn(): Promise<Token> {
    this.#token = await this.#source.signIn()
    return this.#token
  }
}
