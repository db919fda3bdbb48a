// Whom to trust at the other end, and as whom to come there.
import type { buildConnector } from 'undici'
import type { Secret } from '../../kernel/secret.ts'

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
