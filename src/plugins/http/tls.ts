// Whom to trust at the other end, and as whom to come there.
import { readFile } from 'node:fs/promises'
import type { buildConnector } from 'undici'
import { fault, type FaultCode } from '../../kernel/fault.ts'
import type { Secret } from '../../kernel/secret.ts'
import { wordsOf } from '../../kernel/words.ts'

export interface TlsSettings {
  /** Certificates are not looked at. */
  readonly isInsecure: boolean
  /** PEM texts. */
  readonly ca: string | undefined
  readonly certificate?: string | undefined
  readonly key?: Secret | undefined
}

export function connectOptions({ isInsecure, ca, certificate, key }: TlsSettings): buildConnector.BuildOptions {
  return {
    timeout: 10_000,
    rejectUnauthorized: !isInsecure,
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key: key.reveal() }),
  }
}

/** Where files lie, and what it is called when one cannot be read. */
export interface PemFiles {
  /** Where a relative path leads. */
  blueprintFile(path: string): Promise<string>
  readonly unreadable: FaultCode
}

/** @throws Fault `unreadable` */
export async function readPem(path: string, { blueprintFile, unreadable }: PemFiles): Promise<string> {
  try {
    return await readFile(path.startsWith('/') ? path : await blueprintFile(path), 'utf8')
  } catch (thrown) {
    throw fault(unreadable, { details: { path, reason: wordsOf(thrown) }, cause: thrown })
  }
}
