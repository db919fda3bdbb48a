// Runs a shell script in a guest by its tools, as root. What it prints goes to memory there, which no freeze holds up, and is
// fetched from there.
import type { Duration } from '../../../kernel/duration.ts'
import { Fault } from '../../../kernel/fault.ts'
import { withTools, type ShellResult } from '../../guest/shell.ts'
import { quoteWord } from '../../ssh/client/quote.ts'
import type { Guest, Program } from '../client/guest.ts'

export interface ScriptOptions {
  /** What it does, for people: `take a deadman in`. */
  readonly what: string
  readonly patience: Duration
  /** What it prints is wanted, also when it ends well. */
  readonly isTold?: boolean
  /** It is ended when it takes longer. Default: yes. */
  readonly ends?: boolean
}

/** @throws Fault `vsphere.*` */
export async function runScript(
  guest: Guest,
  script: string,
  { what, patience, isTold = false, ends = true }: ScriptOptions,
): Promise<ShellResult> {
  const folder = `/dev/shm/fermata-out-${guest.vcenter.world.randomText(20, 'abcdefghijklmnopqrstuvwxyz0123456789')}`
  const code = await guest.run(programFor(guest.login.username, wrapped(script, folder, isTold)), {
    what,
    patience,
    ends,
  })
  if (code === 0 && !isTold) return { code, stdout: '', stderr: '' }
  try {
    if (code === 0) return { code, stdout: await guest.readFile(`${folder}/out`), stderr: '' }
    return { code, stdout: '', stderr: await guest.readFile(`${folder}/err`) }
  } catch (thrown) {
    // It did not come as far as that: its exit code is all there is.
    if (code === 0 || !(thrown instanceof Fault) || thrown.code !== 'vsphere.not_found') throw thrown
    return { code, stdout: '', stderr: reasons[code] ?? '' }
  } finally {
    await guest.forgetFolder(folder)
  }
}

/** Of what came to nothing before it could say so. */
const reasons: Readonly<Record<number, string>> = {
  1: 'its user may not become root by sudo without a password',
  97: 'nothing can be written to /dev/shm',
  126: 'its user is not root, and there is no sudo',
  127: 'its user is not root, and there is no sudo',
}

/** Who is not root becomes it by sudo, without a password: that would stand in a process list. */
export function programFor(username: string, script: string): Program {
  const words = `-c ${quoteWord(script)}`
  return username === 'root'
    ? { path: '/bin/sh', arguments: words }
    : { path: '/usr/bin/sudo', arguments: `-n /bin/sh ${words}` }
}

/** What was printed is the user's, who fetches it; what nobody wants does not stay. */
export function wrapped(script: string, folder: string, isTold: boolean): string {
  return withTools(`umask 077
find /dev/shm -maxdepth 1 -name 'fermata-out-*' -mmin +60 -exec rm -rf {} + 2>/dev/null
mkdir ${folder} || exit 97
( ${script}
) </dev/null >${folder}/out 2>${folder}/err
code=$?
${isTold ? '' : `[ $code = 0 ] && rm -rf ${folder}\n`}[ -z "$SUDO_UID" ] || chown -R "$SUDO_UID" ${folder} 2>/dev/null
exit $code
`)
}
