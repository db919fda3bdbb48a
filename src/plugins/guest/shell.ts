// What every shell script of ours in a guest begins with, and what comes of one.

export interface ShellResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

// Services have a short path, and what a service starts goes when that is started anew: a deadman must not.
export const withTools = (script: string): string => `PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
for own in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/systemd/cgroup.procs; do
  [ -w "$own" ] && { echo $$ >"$own"; } 2>/dev/null
done
${script}`

/** Why it ended as it did, for people. */
export function wordsOf({ code, stderr, stdout }: ShellResult): string {
  const said = (stderr === '' ? stdout : stderr).trim()
  return said === '' ? `the guest's shell ended with exit code ${code}` : said.slice(-1000)
}
