#!/usr/bin/env node
// The bin entry. Has no static imports: an older Node.js must come far enough to be told so, and --version needs nothing else.

const needed = [22, 19]

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < (needed[0] ?? 0) || (major === needed[0] && minor < (needed[1] ?? 0))
}

/** What was compiled once need not be again. Not in Node's own place below /tmp: whoever makes that before us has us run their code. */
async function keepCompiled(): Promise<void> {
  const { enableCompileCache } = await import('node:module')
  const { homedir } = await import('node:os')
  const { isAbsolute, join } = await import('node:path')
  const given = process.env['XDG_CACHE_HOME'] ?? ''
  enableCompileCache(join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'fermata'))
}

async function main(argv: string[]): Promise<void> {
  if (isTooOld(process.versions.node)) {
    process.stderr.write(
      `error: fermata needs Node.js ${needed.join('.')} or newer, this is ${process.versions.node}\n` +
        'hint: install a current Node.js from https://nodejs.org\n',
    )
    process.exitCode = 70
    return
  }
  if (argv[0] === '--version' || argv[0] === '-V') {
    const { ownVersion } = await import('./version.ts')
    process.stdout.write(`${ownVersion()}\n`)
    return
  }
  await keepCompiled()
  const { runCli } = await import('./run.ts')
  const { realHost } = await import('./real-host.ts')
  const exitCode = await runCli(argv, realHost())
  process.exitCode = exitCode
  // After a second Ctrl-C the execution still runs in this process; staying would not be leaving.
  if (exitCode === 130) process.exit()
}

await main(process.argv.slice(2))
