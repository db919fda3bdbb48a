// Writes a file on a host over a plain command: no SFTP is needed there.
import { fault } from '../../../kernel/fault.ts'
import { nameOf } from './errors.ts'
import { exec, type ExecPlace } from './exec.ts'
import { quoteWord } from './quote.ts'

/** Nobody else can read it before it is whole, and it appears in one step. @throws Fault `ssh.upload_failed` */
export async function upload(
  place: ExecPlace,
  content: string | Uint8Array,
  path: string,
  mode: number,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const bytes = Buffer.from(content)
  const whole = path.startsWith('-') ? `./${path}` : path
  const to = quoteWord(whole)
  const fresh = quoteWord(`${whole}.${place.world.randomText(8, 'abcdefghijklmnopqrstuvwxyz')}`)
  const line = [
    `umask 077; trap 'exit 1' HUP INT TERM; trap ${quoteWord(`rm -f ${fresh}`)} EXIT`,
    // Moved into a folder it would be there under another name.
    `[ ! -d ${to} ] || { echo 'it is a directory' >&2; exit 1; }`,
    `cat > ${fresh} && [ "$(wc -c < ${fresh})" -eq ${bytes.length} ] && chmod ${mode.toString(8)} ${fresh} && mv -f ${fresh} ${to}`,
  ].join('\n')
  const result = await exec(place, line, { signal: options.signal, stdin: bytes })
  if (result.code === 0) return
  const reason = result.stderr.toString('utf8').trim() || `exit code ${result.code}`
  throw fault('ssh.upload_failed', { details: { host: nameOf(place.target), path, reason } })
}
