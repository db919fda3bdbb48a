import { expect } from 'chai'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunOperation } from '../../../src/plugins/contract/operation.ts'
import plugin from '../../../src/plugins/script/plugin.ts'
import { operationContext, type TestContext } from '../../../src/testing/operation-context.ts'
import { labHost, onLabHost } from '../../support/ssh-lab.ts'

const number = 10
const type = 'fermata.nodes.ssh.Host'
const task = plugin.operations['script_runner.tasks.run'] as RunOperation

const shell = `#!/bin/sh -e
. ctx-sh
ctx logger info "I am $(hostname), $WORD"
ctx instance runtime-properties seen "$(ctx node properties ip)"
ctx returns "@[1, \\"it's\\"]"
`
const python = `from cloudify import ctx
ctx.logger.info('size %s' % ctx.node.properties['port'])
ctx.instance.runtime_properties['list'] = [1, {'a': 'ü'}]
`

describe('scripts with executor host_agent', function () {
  this.timeout(60_000)
  let ctx: TestContext

  beforeEach(() => {
    ctx = operationContext({
      node: { type, typeHierarchy: ['cloudify.nodes.Root', type], properties: labHost(number) },
      operation: { name: 'cloudify.interfaces.freeze.fs_prepare', executor: 'host_agent' },
      files: {
        'hello.sh': shell,
        'hello.py': python,
        'fail.sh': 'echo out; echo err >&2; exit 7\n',
        'stop.sh': 'kill -STOP $(cat /tmp/fermata-victim)\n',
        'go.sh': 'ctx logger info going; kill -CONT $(cat /tmp/fermata-victim)\n',
      },
    })
  })
  afterEach(() => ctx.cleanUp())
  after(() => plugin.close?.())

  it('run there, with inputs and ctx, and leave nothing', async () => {
    const result = await task.run(ctx, { script_path: 'hello.sh', WORD: `it's "$(id)"` })
    expect(result).to.deep.equal([1, "it's"])
    expect(ctx.lines).to.include(`INFO: I am h${number}, it's "$(id)"`)
    expect(ctx.instance.runtimeProperties['seen']).to.equal(`10.254.1.${number}`)
    expect(await onLabHost(number, 'ls -d /dev/shm/fermata-script.* 2>/dev/null; true')).to.equal('')
  })

  it('may be Python with the package cloudify', async () => {
    await task.run(ctx, { script_path: 'hello.py' })
    expect(ctx.lines).to.include('INFO: size 22')
    expect(ctx.instance.runtimeProperties['list']).to.deep.equal([1, { a: 'ü' }])
  })

  it('fail as they do here', async () => {
    const thrown = await Promise.resolve(task.run(ctx, { script_path: 'fail.sh' })).catch((problem: unknown) => problem)
    expect(thrown).to.have.property('code', 'script.failed')
    expect((thrown as Error).message).to.contain('exit_code: 7, stdout: out, stderr: err')
  })

  it('are undone by their own fs_finalize on the host when the lease ends', async () => {
    await onLabHost(number, 'setsid sleep 60 >/dev/null 2>&1 </dev/null & echo $! >/tmp/fermata-victim')
    const inputs = { script_path: 'go.sh' }
    const finalize = { plugin: 'script', operation: 'script_runner.tasks.run', inputs, executor: 'host_agent' }
    const handle = await task.deadman?.arm(ctx, { token: 'one', lease: 3000, finalize })
    await task.run(ctx, { script_path: 'stop.sh' })
    const state = async (): Promise<string> =>
      (await onLabHost(number, "awk '{print $3}' /proc/$(cat /tmp/fermata-victim)/stat")).trim()
    expect(await state()).to.equal('T')
    await sleep(4500)
    expect(await state()).to.equal('S')
    const { firedAt } = (await task.deadman?.disarm(ctx, handle ?? {})) ?? {}
    expect(firedAt).to.be.closeTo(Date.now(), 10_000)
    expect(ctx.lines.join('\n')).to.contain('it ended well: going')
    await onLabHost(number, 'kill $(cat /tmp/fermata-victim); rm -f /tmp/fermata-victim')
  })
})
