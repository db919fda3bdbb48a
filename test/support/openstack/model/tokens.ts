// Who may call: users with passwords, projects, application credentials, trusts, and the tokens they get for a while.
import { createHash } from 'node:crypto'
import type { JsonObject } from '../../../../src/kernel/json.ts'

export interface User {
  readonly id: string
  readonly name: string
  readonly password: string
  readonly isAdmin: boolean
}

export interface Project {
  readonly id: string
  readonly name: string
}

/** Whoever a token stands for. */
export interface Identity {
  readonly user: User
  readonly project: Project | null
  readonly method: string
  readonly isAdmin: boolean
}

export interface ApplicationCredential {
  readonly id: string
  readonly name: string
  readonly secret: string
  readonly user: User
  readonly project: Project
}

export interface Trust {
  readonly id: string
  readonly trustor: User
  readonly trustee: User
  readonly project: Project
  readonly expires: string | null
  readonly roles: readonly JsonObject[]
}

export interface Token extends Identity {
  readonly issued: number
  readonly expires: number
}

export const domain = { id: 'default', name: 'Default' } as const

export class Tokens {
  readonly users: User[] = []
  readonly projects: Project[] = []
  readonly applicationCredentials = new Map<string, ApplicationCredential>()
  readonly trusts = new Map<string, Trust>()
  /** How long a new token lives, in ms. */
  life = 4 * 3600_000
  readonly #tokens = new Map<string, Token>()
  readonly #now: () => number
  #count = 0

  constructor(now: () => number) {
    this.#now = now
  }

  issue(identity: Identity): { readonly id: string; readonly token: Token } {
    this.#count += 1
    const id = `gAAAA-${createHash('sha256').update(`token ${this.#count}`).digest('base64url')}`
    const token = { ...identity, issued: this.#now(), expires: this.#now() + this.life }
    this.#tokens.set(id, token)
    return { id, token }
  }

  get issued(): number {
    return this.#count
  }

  find(id: string | undefined): Token | undefined {
    const token = id === undefined ? undefined : this.#tokens.get(id)
    return token && token.expires > this.#now() ? token : undefined
  }

  revoke(id: string): void {
    this.#tokens.delete(id)
  }

  /** No token that was given out until now is any good. */
  expireAll(): void {
    this.#tokens.clear()
  }
}
