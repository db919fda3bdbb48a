// Seals secrets for the store: AES-256-GCM with a key that lies beside the store, readable by its owner only.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { fault } from '../kernel/fault.ts'
import { Secret } from '../kernel/secret.ts'
import { openFault } from '../store/sqlite/faults.ts'

const nonceLength = 12
const tagLength = 16

export async function seal(keyFile: string, name: string, value: string): Promise<Uint8Array> {
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', await keyIn(keyFile, { create: true }), nonce)
  // Bound to its name: a sealed value moved to another name does not open.
  cipher.setAAD(Buffer.from(name))
  const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), text])
}

/** @throws Fault `secret.unreadable` */
export async function unseal(keyFile: string, name: string, sealed: Uint8Array): Promise<Secret> {
  try {
    const bytes = Buffer.from(sealed)
    const decipher = createDecipheriv(
      'aes-256-gcm',
      await keyIn(keyFile, { create: false }),
      bytes.subarray(0, nonceLength),
    )
    decipher.setAAD(Buffer.from(name))
    decipher.setAuthTag(bytes.subarray(nonceLength, nonceLength + tagLength))
    return new Secret(
      Buffer.concat([decipher.update(bytes.subarray(nonceLength + tagLength)), decipher.final()]).toString('utf8'),
    )
  } catch (cause) {
    throw fault('secret.unreadable', { details: { name }, cause })
  }
}

async function keyIn(file: string, options: { readonly create: boolean }): Promise<Buffer> {
  if (options.create) {
    // Whoever comes second reads what the first has written.
    await writeFile(file, randomBytes(32), { flag: 'wx', mode: 0o600, flush: true }).catch((thrown: unknown) => {
      if ((thrown as { code?: string }).code !== 'EEXIST') throw openFault(file, thrown)
    })
  }
  return readFile(file)
}
