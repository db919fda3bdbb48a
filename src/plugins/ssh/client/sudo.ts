// Talks to sudo: answers its one question, and keeps that and the word that the command began out of the output.
import type { ClientChannel } from 'ssh2'
import type { Secret } from '../../../kernel/secret.ts'
import type { CommandLine } from './command-line.ts'

export interface SudoGate {
  /** Takes a piece of standard error. */
  add(chunk: Buffer): void
  /** Why the command did not begin, as sudo or the host said it. */
  readonly refusal: string | undefined
}

/** More than this before the command begins is no sudo. */
const mostWords = 64 * 1024

export function sudoGate(
  channel: ClientChannel,
  words: NonNullable<CommandLine['sudo']>,
  password: Secret | undefined,
  begin: () => void,
  pass: (chunk: Buffer) => void,
): SudoGate {
  let held = Buffer.alloc(0)
  let hasBegun = false
  let asked = 0
  return {
    get refusal() {
      if (hasBegun) return undefined
      const text = held.toString('utf8').trim()
      return text === '' ? 'it gave no reason' : text.split('\n').slice(-3).join('; ')
    },
    add(chunk) {
      if (hasBegun) return pass(chunk)
      held = Buffer.concat([held, chunk]).subarray(-mostWords)
      const prompt = held.indexOf(words.prompt)
      if (prompt >= 0) {
        held = Buffer.concat([held.subarray(0, prompt), held.subarray(prompt + words.prompt.length)])
        // Asked again: the password was wrong, and a second try with the same one may lock the account.
        if (++asked > 1 || password === undefined) channel.end()
        else channel.write(`${password.reveal()}\n`)
      }
      const begun = held.indexOf(`${words.begun}\n`)
      if (begun < 0) return
      hasBegun = true
      begin()
      const rest = held.subarray(begun + words.begun.length + 1)
      if (rest.length > 0) pass(rest)
    },
  }
}
