// Seals secrets for the store: AES-256-GCM with a key that lies beside the store, readable by its owner only.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { fault } from '../kernel/fault.ts'
import { Secret } from '../kernel/secret.ts'
import { openFault } from '../store/sqlite/faults.ts'

const nonceLength = 12
const tagLength = 16

export async function seal(keyFile: string, name: string, value: string): Promise<Uint8Array> {
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', await keyIn(keyFile, name, { create: true }), nonce)
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
      await keyIn(keyFile, name, { create: false }),
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

const keyLength = 32

async function keyIn(file: string, name: string, options: { readonly create: boolean }): Promise<Buffer> {
  if (options.create && !existsSync(file)) await makeKey(file)
  const key = await readFile(file)
  if (key.length === keyLength) return key
  throw fault('secret.unreadable', { details: { name }, hint: `'${file}' holds no key: restore it from a copy` })
}

// Written whole before it has its name: whoever comes second finds all of it.
async function makeKey(file: string): Promise<void> {
  const written = `${file}.${randomBytes(8).toString('hex')}`
  try {
    await writeFile(written, randomBytes(keyLength), { flag: 'wx', mode: 0o600, flush: true })
    await link(written, file)
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== 'EEXIST') throw openFault(file, thrown)
  } finally {
    await rm(written, { force: true })
  }
}
