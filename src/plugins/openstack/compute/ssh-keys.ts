// Key pairs made on this machine: the private key never travels, and no answer can be lost with it.
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { ParsedKey } from 'ssh2'
import { ssh2 } from '../../ssh/client/ssh2.ts'
import { badProperty } from '../errors.ts'

/** PEM, as every SSH reads it. Its randomness is no world's: a simulated key would open real doors. */
export async function newPrivateKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 3072 })
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
}

/** `ssh-rsa AAAA...` of a private key. @throws Fault `openstack.bad_property` without a word of the key */
export function publicKeyOf(privateKey: string): string {
  const read: unknown = ssh2().parseKey(privateKey)
  const parsed: unknown = Array.isArray(read) ? read[0] : read
  if (parsed instanceof Error) throw badProperty('private_key', 'no key that can be read without a passphrase')
  const key = parsed as ParsedKey
  return `${key.type} ${key.getPublicSSH().toString('base64')}`
}
