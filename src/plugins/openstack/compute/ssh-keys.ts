// Key pairs made on this machine: the private key never travels, and no answer can be lost with it.
import { createPublicKey, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'

/** PEM, as every SSH reads it. Its randomness is no world's: a simulated key would open real doors. */
export async function newPrivateKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 3072 })
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
}

/** `ssh-rsa AAAA...` of a private key in PEM. @throws Error when it is none of RSA */
export function publicKeyOf(privateKey: string): string {
  const { n, e } = createPublicKey(privateKey).export({ format: 'jwk' })
  if (n === undefined || e === undefined) throw new Error('it is no RSA key')
  const blob = Buffer.concat([field(Buffer.from('ssh-rsa')), field(positive(e)), field(positive(n))])
  return `ssh-rsa ${blob.toString('base64')}`
}

function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

// SSH reads numbers with a sign.
function positive(base64url: string): Buffer {
  const bytes = Buffer.from(base64url, 'base64url')
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes
}
