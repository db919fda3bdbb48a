// Certificates for tests of TLS: an authority, a server for localhost and 127.0.0.1, a client; made anew by openssl.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Leaves `ca`, `server` and `client`, each with `cert.pem` and `key.pem` behind its name, in the folder. */
export async function makeCertificates(folder: string): Promise<void> {
  const at = (name: string): string => join(folder, name)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const signed = ['-CA', at('cacert.pem'), '-CAkey', at('cakey.pem')]
  const usage = ['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'keyUsage=digitalSignature']
  const make = (name: string, subject: string, ...more: readonly string[]): Promise<unknown> => {
    const files = ['-keyout', at(`${name}key.pem`), '-out', at(`${name}cert.pem`)]
    return run('openssl', ['req', '-x509', ...key, ...files, '-subj', `/CN=${subject}`, ...more])
  }
  await make('ca', 'authority')
  const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-addext', 'extendedKeyUsage=serverAuth']
  await make('server', 'localhost', ...signed, ...usage, ...names)
  await make('client', 'us', ...signed, ...usage, '-addext', 'extendedKeyUsage=clientAuth')
}
