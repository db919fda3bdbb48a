// Claim: a state directory that cannot be written to, or is full, is told as such, and what it holds stays whole.
import { expect } from 'chai'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { blueprintPath, openCliSite, type CliSite, type CliResult } from '../support/cli.ts'
import { expectRefusal } from '../support/refusal.ts'

const nobody = 65_534

describe('a state directory without write permission', () => {
  let cli: CliSite
  before(async function () {
    cli = await openCliSite()
    if (process.getuid?.() !== 0) return
    const others = await cli.runWith({ uid: nobody, environment: { NODE_COMPILE_CACHE: '' } }, '--version')
    if (others.code === 0) return
    console.log('      skipped: other users cannot read this checkout')
    this.skip()
  })
  after(async () => {
    await chmod(cli.home, 0o700).catch(() => {})
    await cli.close()
  })

  /** As somebody to whom permissions mean something: root may write everywhere. */
  const run = (...words: string[]): Promise<CliResult> =>
    process.getuid?.() === 0
      ? cli.runWith({ uid: nobody, environment: { NODE_COMPILE_CACHE: '' } }, ...words)
      : cli.run(...words)

  it('is named, with the way out', async () => {
    await chmod(cli.folder, 0o755)
    await mkdir(cli.home)
    await giveAway(cli.home)
    await run('blueprints', 'upload', '-b', 'kept', blueprintPath('two-tier'))
    await chmod(cli.home, 0o555)
    const uploaded = await run('blueprints', 'upload', '-b', 'more', blueprintPath('hello-suspend'))
    expectRefusal(uploaded, { code: 4, says: [cli.home, 'store.read_only'], hint: 'FERMATA_HOME' })
  })

  it('keeps what it has', async () => {
    await chmod(cli.home, 0o755)
    expect(await ids(run('blueprints', 'list', '--json'))).to.deep.equal(['kept'])
    expect(await readdir(join(cli.home, 'blueprints'))).to.deep.equal(['kept'])
  })

  it('below a folder that is closed is named, too', async () => {
    await chmod(cli.folder, 0o555)
    const missing = join(cli.folder, 'elsewhere')
    const result = await run('status', '--home', missing)
    expectRefusal(result, { code: 4, says: [/store\.(read_only|unwell)/] })
    await chmod(cli.folder, 0o755)
  })
})

describe('a full disk', () => {
  let cli: CliSite
  let space: Space | undefined
  before(async function () {
    cli = await openCliSite()
    await mkdir(cli.home)
    space = await openSpace(cli.home)
    if (space) return
    console.log('      skipped: no file system of our own can be mounted here (unshare, nsenter)')
    this.skip()
  })
  after(async () => {
    space?.close()
    await cli.close()
  })

  const run = (...words: string[]): Promise<CliResult> => cli.runWith({ prefix: space?.enter ?? [] }, ...words)
  const inside = (script: string): number | null => {
    const [command = '', ...rest] = space?.enter ?? []
    return spawnSync(command, [...rest, 'sh', '-c', script]).status
  }

  it('is named, whatever is asked for, and nothing that was stored is lost', async () => {
    expect((await run('blueprints', 'upload', '-b', 'kept', blueprintPath('two-tier'))).code).to.equal(0)
    expect((await run('executions', 'start', 'install', '-b', 'kept')).code).to.equal(0)
    expect((await run('executions', 'start', 'backup', '-b', 'kept', '-p', 'snapshot_name=first')).code).to.equal(0)
    expect((await run('executions', 'start', 'uninstall', '-b', 'kept')).code).to.equal(0)
    inside(`head -c 100m /dev/zero >'${cli.home}/filler'; head -c 100m /dev/zero >'${cli.home}/filler2'`)
    const refusal = { code: 4, says: [cli.home, 'store.full'], hint: 'make room' }
    expectRefusal(await run('blueprints', 'upload', '-b', 'more', blueprintPath('hello-suspend')), refusal)
    expectRefusal(await run('deployments', 'create', 'more', '-b', 'kept'), refusal)
    expectRefusal(await run('executions', 'start', 'statistics', '-d', 'kept'), refusal)
  })

  it('leaves everything usable as soon as there is room', async () => {
    expect(inside(`rm -f '${cli.home}/filler' '${cli.home}/filler2'`)).to.equal(0)
    expect(await ids(run('blueprints', 'list', '--json'))).to.deep.equal(['kept'])
    expect(await ids(run('deployments', 'list', '--json'))).to.deep.equal(['kept'])
    expect((await run('blueprints', 'upload', '-b', 'more', blueprintPath('hello-suspend'))).code).to.equal(0)
    expect((await run('executions', 'start', 'install', '-d', 'kept')).code).to.equal(0)
    expect((await run('executions', 'start', 'restore', '-d', 'kept', '-p', 'snapshot_name=first')).code).to.equal(0)
    expect((await run('executions', 'start', 'uninstall', '-d', 'kept')).code).to.equal(0)
  })
})

async function ids(listed: Promise<CliResult>): Promise<string[]> {
  const { code, stdout, stderr } = await listed
  expect(code, stderr).to.equal(0)
  return (JSON.parse(stdout) as { id: string }[]).map(({ id }) => id)
}

async function giveAway(path: string): Promise<void> {
  if (process.getuid?.() === 0) await chown(path, nobody, nobody)
}

interface Space {
  /** Put before a command that is to see the small file system. */
  readonly enter: readonly string[]
  close(): void
}

/** A file system of 3 MB at `path`, which only those see who enter; it ends with the process that holds it. */
async function openSpace(path: string): Promise<Space | undefined> {
  const script = 'mount -t tmpfs -o size=3m fermata "$0" && echo ready && exec cat'
  const holder: ChildProcess = spawn('unshare', ['-Urm', 'sh', '-c', script, path], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const failed = new Promise<undefined>((resolve) => {
    holder.once('error', () => resolve(undefined))
    holder.once('exit', () => resolve(undefined))
  })
  const ready = holder.stdout && once(holder.stdout, 'data')
  if ((await Promise.race([ready, failed])) === undefined) return undefined
  const enter = ['nsenter', '-t', String(holder.pid), '-U', '-m', '--preserve-credentials']
  if (spawnSync('nsenter', [...enter.slice(1), 'true']).status !== 0) {
    holder.kill()
    return undefined
  }
  return { enter, close: () => void holder.kill('SIGKILL') }
}
