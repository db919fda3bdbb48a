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
  const fresh = quoteWord(`${path}.${place.world.randomText(8, 'abcdefghijklmnopqrstuvwxyz')}`)
  const size = `"$(wc -c < ${fresh})" -eq ${bytes.length}`
  const rights = mode.toString(8)
  const line = `umask 077 && cat > ${fresh} && [ ${size} ] && chmod ${rights} ${fresh} && mv -f ${fresh} ${quoteWord(path)} || { rm -f ${fresh}; exit 1; }`
  const result = await exec(place, line, { signal: options.signal, stdin: bytes })
  if (result.code === 0) return
  const reason = result.stderr.toString('utf8').trim() || `exit code ${result.code}`
  throw fault('ssh.upload_failed', { details: { host: nameOf(place.target), path, reason } })
}
