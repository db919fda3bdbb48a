// get_secret: a secret, or a part of one that holds JSON. Its value never gets into a message.
import type { Json } from '../../kernel/json.ts'
import { asList, checkNameOrPath, checkPath, follow, isMiss } from './arguments.ts'
import { failed, type IntrinsicFunction } from './function.ts'

export const getSecret: IntrinsicFunction = {
  name: 'get_secret',
  form: 'get_secret: name or get_secret: [name, key, ...]',
  evaluated: 'run',
  check: (args) => (Array.isArray(args) ? checkPath(args, 2) : checkNameOrPath(args)),
  *evaluate(args) {
    const [name, ...path] = asList(args)
    const secret = (yield { ask: 'secret', name: String(name) }) as Json | undefined
    if (secret === undefined) throw failed('get_secret', `there is no secret '${String(name)}'`)
    if (path.length === 0) return secret
    const found = follow(structure(secret, String(name)), path)
    if (isMiss(found)) throw failed('get_secret', `secret '${String(name)}', '${found.at}': ${found.reason}`)
    return found.value
  },
}

function structure(secret: Json, name: string): Json {
  if (typeof secret !== 'string') return secret
  try {
    return JSON.parse(secret) as Json
  } catch {
    throw failed('get_secret', `secret '${name}' is no JSON, so it has no parts`)
  }
}
