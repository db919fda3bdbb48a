// Translates `fabric_env`, as blueprints for cloudify-fabric-plugin write it, into what we say of a host.
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import { parseAddress } from '../ssh/client/address.ts'

export interface FabricInputs {
  readonly fabric_env?: Json
  readonly use_sudo?: boolean
}

/** What is left out is as the node's host says. @throws Fault `ssh.bad_address` */
export function hostFromFabric({ fabric_env: given, use_sudo: useSudo }: FabricInputs): JsonObject {
  const env = isJsonObject(given ?? null) ? (given as JsonObject) : {}
  const address = textOf(env['host_string']) ?? textOf(env['host'])
  const { host, port, user } = address === undefined ? {} : parseAddress(address)
  const gateway = env['gateway']
  const found: Record<string, Json | undefined> = {
    ip: host,
    port: env['port'] ?? port,
    user: env['user'] ?? user,
    key: env['key'] ?? env['key_filename'],
    passphrase: env['passphrase'],
    password: env['password'],
    jumps: typeof gateway === 'string' && gateway !== '' ? [gateway] : undefined,
    connect_timeout: env['connect_timeout'] ?? env['timeout'],
    keepalive: env['keepalive'],
    known_hosts: env['known_hosts'],
    sudo: useSudo === true ? (env['sudo_user'] ?? true) : undefined,
    sudo_password: env['sudo_password'] ?? (useSudo === true ? env['password'] : undefined),
  }
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, Json] => entry[1] !== undefined && entry[1] !== null),
  )
}

const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
