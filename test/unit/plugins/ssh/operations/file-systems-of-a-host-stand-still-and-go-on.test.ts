// The kernel's own freeze needs a lab (test/lab/ssh); here fsfreeze only writes down what it was told, and refuses as it
// does on a host.
import { expect } from 'chai'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import type { DeadmanHandle } from '../../../../../src/plugins/contract/deadman.ts'
import type { FreezeOperation, ThawOperation } from '../../../../../src/plugins/contract/operation.ts'
import plugin from '../../../../../src/plugins/ssh/plugin.ts'
import { eventually } from '../../../../support/cli.ts'
import { operationContext, type TestContext } from '../../../../support/operation-context.ts'
import { sshHost, sudo, sudoPassword, wordsOf, type SshHost } from '../../../../support/ssh-host.ts'
import { faultOf } from '../../../../support/fault-of.ts'

const freeze = plugin.operations['freeze'] as FreezeOperation
const thaw = plugin.operations['thaw'] as ThawOperation
const fsfreeze = `
told=$(printf %s "$2" | tr / _)
echo "$1 $2 $BECAME" >>$HOST/calls
[ -e "$HOST/broken$told" ] && { echo 'fsfreeze: it is broken' >&2; exit 1; }
case $1 in
  --freeze) [ -e "$HOST/frozen$told" ] && { echo "fsfreeze: $2: freeze failed: Device or resource busy" >&2; exit 1; }; : >"$HOST/frozen$told" ;;
  --unfreeze) rm "$HOST/frozen$told" 2>/dev/null || { echo "fsfreeze: $2: unfreeze failed: Invalid argument" >&2; exit 1; } ;;
esac
`
/** Mount points that every machine has; nothing of them really stands still here. */
const mounts = ['/dev/shm', '/proc']

describe('ssh.freeze and ssh.thaw', function () {
  this.timeout(20_000)
  let host: SshHost
  let ctx: TestContext
  let handles: DeadmanHandle[]

  before(async () => {
    host = await sshHost({ programs: { fsfreeze, sudo } })
  })
  after(() => host[Symbol.asyncDispose]())
  beforeEach(async () => {
    handles = []
    for (const name of ['calls', ...['broken', 'frozen'].flatMap((word) => [`${word}_dev_shm`, `${word}_proc`])])
      await rm(`${host.folder}/${name}`, { force: true })
    ctx = node({})
  })
  afterEach(async () => {
    for (const handle of handles) await freeze.deadman?.disarm(ctx, handle)
    await ctx.cleanUp()
  })

  const node = (properties: JsonObject): TestContext =>
    operationContext({
      node: { properties: { ...host.properties, mountpoints: mounts, ...properties } },
      operation: { name: 'cloudify.interfaces.freeze.fs_prepare' },
    })
  const arm = async (): Promise<DeadmanHandle> => {
    const handle = (await freeze.deadman?.arm(ctx, { token: 'one', lease: 60_000 })) ?? {}
    handles.push(handle)
    return handle
  }
  const calls = async (): Promise<string[]> => {
    const text = await readFile(`${host.folder}/calls`, 'utf8').catch(() => '')
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.trim())
  }
  const isFrozen = (name: string): boolean => existsSync(`${host.folder}/frozen${name.replaceAll('/', '_')}`)
  const problemOf = (inputs: JsonObject = {}) => faultOf(Promise.resolve(freeze.freeze(ctx, inputs)))

  it('take the file systems in their order, and back', async () => {
    const handle = await arm()
    await freeze.freeze(ctx, {})
    expect(mounts.map(isFrozen)).to.deep.equal([true, true])
    // Once more, as after a crash: what stands still is no error.
    await freeze.freeze(ctx, {})
    await thaw.thaw(ctx, {})
    expect(mounts.map(isFrozen)).to.deep.equal([false, false])
    await thaw.thaw(ctx, {})
    const once = ['--freeze /dev/shm', '--freeze /proc']
    const back = ['--unfreeze /proc', '--unfreeze /dev/shm']
    expect(await calls()).to.deep.equal([...once, ...once, ...back, ...back])
    expect(await freeze.deadman?.disarm(ctx, handle)).to.deep.equal({ firedAt: null })
    expect(existsSync(String(handle['folder']))).to.equal(false)
  })

  it('freeze nothing that no deadman watches', async () => {
    expect((await problemOf()).code).to.equal('freeze.not_armed')
    expect(await calls()).to.deep.equal([])
  })

  it('thaw what stood still already when the next cannot be frozen', async () => {
    await arm()
    await writeFile(`${host.folder}/broken_proc`, '')
    const problem = await problemOf()
    expect([problem.code, problem.effect]).to.deep.equal(['freeze.refused', 'none'])
    expect(problem.message).to.include('it is broken')
    expect(mounts.map(isFrozen)).to.deep.equal([false, false])
  })

  it('go on by the deadman when the lease ends, which is told, and not be frozen after that', async () => {
    const handle = await arm()
    await freeze.freeze(ctx, {})
    await freeze.deadman?.extend?.(ctx, handle, 100)
    await eventually('it goes on', () => !mounts.some(isFrozen))
    const problem = await problemOf()
    expect(problem.code).to.equal('freeze.refused')
    expect(mounts.map(isFrozen)).to.deep.equal([false, false])
    const { firedAt } = (await freeze.deadman?.disarm(ctx, handle)) ?? {}
    expect(firedAt).to.be.closeTo(Date.now(), 10_000)
    expect(ctx.lines.join('\n')).to.match(
      /WARNING: The lease ended, and the deadman on the host thawed it: it ended well/,
    )
  })

  it('refuse what is no mount point, no path, or a trap, and run none of it', async () => {
    await arm()
    const trap = `/dev/shm/it's "$(touch ${host.folder}/injected)"\n\`id\``
    for (const [mountpoints, code, words] of [
      [[trap], 'ssh.cannot_freeze', 'is not there'],
      [['/dev/shm', host.folder], 'ssh.cannot_freeze', 'is no mount point'],
      [['/'], 'ssh.cannot_freeze', "holds the host's own programs"],
      [['srv/db'], 'ssh.bad_property', 'absolute paths'],
      [[], 'ssh.bad_property', 'at least one'],
    ] as const) {
      const problem = await problemOf({ mountpoints })
      expect([problem.code, problem.effect], String(mountpoints)).to.deep.equal([code, 'none'])
      expect(problem.message).to.include(words)
    }
    expect(await calls()).to.deep.equal([])
    expect(existsSync(`${host.folder}/injected`)).to.equal(false)
  })

  it('become root by sudo, and so does the deadman; the password stands nowhere', async () => {
    await ctx.cleanUp()
    ctx = node({ sudo: true, sudo_password: sudoPassword })
    const handle = await arm()
    await freeze.freeze(ctx, {})
    await thaw.thaw(ctx, {})
    expect(await calls()).to.deep.equal([
      '--freeze /dev/shm root',
      '--freeze /proc root',
      '--unfreeze /proc root',
      '--unfreeze /dev/shm root',
    ])
    const kept = await readFile(`${String(handle['folder'])}/thaw`, 'utf8')
    const told = [wordsOf(ctx), JSON.stringify(handle), kept, ...host.server.commands].join('\n')
    expect(told).not.to.include('planted')
  })

  it('tell of a thaw that failed, and leave it to be tried again', async () => {
    await arm()
    await freeze.freeze(ctx, {})
    await writeFile(`${host.folder}/broken_proc`, '')
    const problem = await faultOf(Promise.resolve(thaw.thaw(ctx, {})))
    expect([problem.code, problem.effect, problem.retry]).to.deep.equal(['ssh.command_failed', 'unknown', 'later'])
    // The others did not have to wait for it.
    expect(mounts.map(isFrozen)).to.deep.equal([false, true])
    await rm(`${host.folder}/broken_proc`)
    await thaw.thaw(ctx, {})
    expect(mounts.map(isFrozen)).to.deep.equal([false, false])
  })
})
