// The main job on the embedded default, in a home of its own that is removed afterwards: a writer that never rests is
// backed up while it runs, its data is damaged, restored, and the backup is removed again.
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const home = await mkdtemp(join(tmpdir(), 'fermata-demo-'))
const data = join(home, 'deployments', 'shop', 'local', 'data')
const isTerminal = process.stdout.isTTY

let isOk = false
try {
  await demo()
  isOk = true
} catch (problem) {
  console.error(`\nThe demo failed: ${problem instanceof Error ? problem.message : String(problem)}`)
} finally {
  // Whatever happened, the writer must not outlive the demo.
  spawnSync(
    process.execPath,
    [cli(), 'executions', 'start', 'uninstall', '-d', 'shop', '-p', 'ignore_failure=true', '--quiet'],
    { env: environment() },
  )
  await rm(home, { recursive: true, force: true })
}
process.exitCode = isOk ? 0 : 1

async function demo(): Promise<void> {
  say('A blueprint: a writer that appends the same lines to two files, all the time')
  fermata('blueprints', 'upload', '-b', 'shop', 'blueprints/two-tier/blueprint.yaml')
  fermata('executions', 'start', 'install', '-b', 'shop')

  say('A backup while it runs: the writer is frozen for the cut alone')
  fermata('executions', 'start', 'backup', '-d', 'shop', '-p', 'snapshot_name=tonight')
  const saved = await agreeing('the two files in the recovery point agree', await savedDigests('tonight'))

  say('Damage: somebody overwrites one of the two files')
  await writeFile(join(data, 'left.log'), 'everything is gone\n')
  check('the two files no longer agree', (await readLines('left.log'))[0] === 'everything is gone')

  say('Restore')
  fermata('executions', 'start', 'restore', '-d', 'shop', '-p', 'snapshot_name=tonight')
  const [left, right] = [await readLines('left.log'), await readLines('right.log')]
  const shorter = Math.min(left.length, right.length)
  check(
    'both files are back and agree',
    shorter > 1 && left.slice(0, shorter).join() === right.slice(0, shorter).join(),
  )
  check('the writer goes on', (await linesAfter(shorter)) > shorter)

  say('Statistics of the writer')
  fermata('executions', 'start', 'statistics', '-d', 'shop')
  fermata('node-instances', 'statistics', instanceOf('writer'))

  say('The backup is removed, and nothing of it is left')
  fermata('executions', 'start', 'remove_backup', '-d', 'shop', '-p', 'snapshot_name=tonight')
  check(
    `no trace of the ${saved.length} saved files`,
    (await readdir(join(home, 'deployments', 'shop', 'local', 'snapshots', 'data')).catch(() => [])).length === 0,
  )

  say('Everything is taken down')
  fermata('executions', 'start', 'uninstall', '-d', 'shop')
  fermata('status')
}

function cli(): string {
  return join(root, 'src', 'cli', 'main.ts')
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, FERMATA_HOME: home, ...(isTerminal ? { FORCE_COLOR: '1' } : {}) }
}

function fermata(...args: readonly string[]): void {
  console.log(`\n$ fermata ${args.join(' ')}`)
  const { status } = spawnSync(process.execPath, [cli(), ...args], {
    cwd: root,
    env: environment(),
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) throw new Error(`fermata ${args.join(' ')} ended with exit code ${status}`)
}

function instanceOf(node: string): string {
  const { stdout } = spawnSync(process.execPath, [cli(), 'node-instances', 'list', '-d', 'shop', '--json'], {
    env: environment(),
    encoding: 'utf8',
  })
  const found = (JSON.parse(stdout) as { id: string; nodeId: string }[]).find(({ nodeId }) => nodeId === node)
  if (!found) throw new Error(`there is no instance of ${node}`)
  return found.id
}

async function savedDigests(name: string): Promise<readonly { path: string; digest?: string }[]> {
  const manifest = join(home, 'deployments', 'shop', 'local', 'snapshots', 'data', 'snapshots', name, 'manifest.json')
  return (JSON.parse(await readFile(manifest, 'utf8')) as { entries: { path: string; digest?: string }[] }).entries
}

async function agreeing<Entry extends { path: string; digest?: string }>(
  claim: string,
  entries: readonly Entry[],
): Promise<readonly Entry[]> {
  const digestOf = (path: string): string | undefined => entries.find((entry) => entry.path === path)?.digest
  check(claim, digestOf('left.log') !== undefined && digestOf('left.log') === digestOf('right.log'))
  return entries
}

async function readLines(file: string): Promise<readonly string[]> {
  return (await readFile(join(data, file), 'utf8')).trimEnd().split('\n')
}

async function linesAfter(count: number): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const lines = (await readLines('right.log')).length
    if (lines > count) return lines
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return count
}

function say(text: string): void {
  console.log(`\n${isTerminal ? `\u001b[1m${text}\u001b[0m` : text}`)
}

function check(claim: string, holds: boolean): void {
  if (!holds) throw new Error(`this does not hold: ${claim}`)
  console.log(`${isTerminal ? '\u001b[32m✔\u001b[0m' : '✔'} ${claim}`)
}
