// Python scripts: `from cloudify import ctx` and its neighbours, and what becomes of exceptions.
import { expect } from 'chai'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '../../../../src/kernel/json.ts'
import { subject, type OperationContextOptions } from '../../../support/operation-context.ts'
import { needsPython } from './python-here.ts'
import { runOperation, type ScriptRun } from './run-script-operation.ts'

function runPython(script: string, options: OperationContextOptions = {}, inputs: JsonObject = {}): Promise<ScriptRun> {
  const files = { ...options.files, 'main.py': script }
  return runOperation({ ...options, files }, { script_path: 'main.py', ...inputs })
}

describe('a Python script', () => {
  before(needsPython)

  it('logs the lines of the suspend example, and only these', async () => {
    const blueprintFolder = fileURLToPath(new URL('../../../../blueprints/hello-suspend', import.meta.url))
    const node = { properties: { resource_id: 'Server!' } }
    for (const verb of ['suspend', 'resume']) {
      const { lines, result } = await runOperation({ blueprintFolder, node }, { script_path: `scripts/${verb}.py` })
      expect(lines).to.deep.equal([`INFO: ${verb} server_id=Server!`])
      expect(result).to.equal(null)
    }
  })

  it('reads its node, its instance and its operation', async () => {
    const script = `
from cloudify import ctx
ctx.returns([
  ctx.type, ctx.node.id, ctx.node.name, ctx.node.type, ctx.node.type_hierarchy, ctx.node.properties['disks'][0],
  ctx.node.properties.get('none', 'fallback'), isinstance(ctx.node.properties, dict), ctx.instance.id, ctx.instance.host_ip,
  ctx.instance.relationships[0].target.instance.id, ctx.deployment.id, ctx.blueprint.id, ctx.execution_id,
  ctx.workflow_id, ctx.tenant_name, ctx.operation.name, ctx.operation.retry_number, ctx.operation.max_retries,
  ctx.get_secret('token'), ctx.plugin.name])`
    const relationships = [{ type: 'on', typeHierarchy: ['on'], targetId: 'disk_1', targetNodeId: 'disk' }]
    const { result } = await runPython(script, {
      node: { id: 'vm', type: 'T', properties: { disks: [{ size: 1 }] } },
      instance: { relationships },
      host: subject({ id: 'host', properties: { ip: '10.0.0.1' } }),
      operation: { attempt: 2, maxAttempts: -1 },
      secrets: { token: 'known' },
    })
    expect(result).to.deep.equal([
      'node-instance',
      'vm',
      'vm',
      'T',
      ['cloudify.nodes.Root', 'T'],
      { size: 1 },
      'fallback',
      true,
      'vm_x1y2z3',
      '10.0.0.1',
      'disk_1',
      'examples',
      'examples',
      'execution-1',
      'suspend',
      'default_tenant',
      'cloudify.interfaces.lifecycle.suspend',
      1,
      -1,
      'known',
      'script',
    ])
  })

  it('changes runtime properties as it would a dictionary', async () => {
    const script = `
import json
from cloudify import ctx
properties = ctx.instance.runtime_properties
assert properties == {'old': 1, 'kept': {'list': [1]}, 'gone': 2}, properties
properties['dotted.name'] = True
del properties['old']
properties.update({'a': 1}, b=2)
assert properties.pop('gone') == 2 and properties.pop('gone', None) is None
assert properties.setdefault('c', []) == []
assert json.loads(json.dumps(properties))['b'] == 2
ctx.instance.update()
properties['kept']['list'].append(2)
try:
    ctx.node.properties['x'] = 1
except TypeError as error:
    ctx.returns(str(error))`
    const { ctx, result, fault } = await runPython(script, {
      instance: { runtimeProperties: { old: 1, kept: { list: [1] }, gone: 2 } },
    })
    expect(fault).to.equal(undefined)
    expect(ctx.instance.runtimeProperties).to.deep.equal({
      kept: { list: [1, 2] },
      'dotted.name': true,
      a: 1,
      b: 2,
      c: [],
    })
    expect(ctx.saves.at(-1)).to.have.nested.property('kept.list').that.deep.equals([1])
    expect(result).to.equal('node properties are read only; use ctx.instance.runtime_properties')
  })

  it('replaces and reloads runtime properties as a whole', async () => {
    const script = `
import subprocess
from cloudify import ctx
ctx.instance.runtime_properties = {'new': 1}
subprocess.check_call(['ctx', 'instance', 'runtime-properties', 'by.command', '@2'])
ctx.instance.refresh()
ctx.instance.runtime_properties['seen'] = ctx.instance.runtime_properties['by']['command']`
    const { ctx } = await runPython(script, { instance: { runtimeProperties: { old: 1 } } })
    expect(ctx.instance.runtimeProperties).to.deep.equal({ new: 1, by: { command: 2 }, seen: 2 })
  })

  it('gets its inputs with their types, and arguments as argv', async () => {
    const script = `
import os, sys
from cloudify import ctx
from cloudify.state import ctx_parameters, ctx_parameters as inputs
from cloudify.decorators import operation, workflow
@operation(resumable=True)
def main(**_):
    ctx.returns([inputs['size'], inputs.tags, ctx_parameters.get('none'), os.environ['tags'], sys.argv[1:]])
if __name__ == '__main__':
    main()`
    const { result } = await runPython(script, {}, { size: 3, tags: ['a'], process: { args: ['x y'] } })
    expect(result).to.deep.equal([3, ['a'], null, '["a"]', ['x y']])
  })

  it('logs at every level through a real logger', async () => {
    const script = `
from cloudify import ctx
ctx.logger.debug('value %s', 5)
ctx.logger.warning('careful')
try:
    1 / 0
except ZeroDivisionError:
    ctx.logger.exception('failed')
ctx.send_event('half way')
print('printed')`
    const { ctx } = await runPython(script)
    expect(ctx.lines.slice(0, 2)).to.deep.equal(['DEBUG: value 5', 'WARNING: careful'])
    expect(ctx.lines[2]).to.match(/^ERROR: failed\nTraceback [^]*ZeroDivisionError: division by zero$/)
    expect(ctx.lines).to.include('INFO: <out> printed')
    expect(ctx.events).to.deep.equal(['half way'])
  })

  it('takes files of the blueprint', async () => {
    const script = `
from cloudify import ctx
path = ctx.download_resource('form.txt')
ctx.returns([open(path).read(), ctx.get_resource('form.txt').decode(),
  ctx.get_resource_and_render('form.txt', {'name': 'n'}),
  open(ctx.download_resource_and_render('form.txt', template_variables={'name': 'm'})).read()])`
    const { result } = await runPython(script, { files: { 'form.txt': '{{ name }}' } })
    expect(result).to.deep.equal(['{{ name }}', '{{ name }}', 'n', 'm'])
  })

  it('works on both ends of a relationship', async () => {
    const source = subject({ id: 'app' })
    const target = subject({ id: 'base', properties: { port: 5432 } })
    const script = `
from cloudify import ctx
ctx.source.instance.runtime_properties['port'] = ctx.target.node.properties['port']`
    await runPython(script, {
      node: source.node,
      instance: source.instance,
      relationship: { type: 'on', source, target },
    })
    expect(source.instance.runtimeProperties).to.deep.equal({ port: 5432 })
  })

  it('ends the operation by its exception', async () => {
    const raise = (what: string): string =>
      `from cloudify import ctx\nfrom cloudify.exceptions import *\nctx.instance.runtime_properties['kept'] = 1\n${what}`
    const endings: [string, unknown[]][] = [
      ["raise NonRecoverableError('never')", ['script.aborted', 'never', undefined]],
      ["raise RecoverableError('again', retry_after=4)", ['script.failed', 'again', 4000]],
      ["raise OperationRetry('soon', retry_after=2)", ['script.retry_asked', 'soon', 2000]],
      ["raise ValueError('bad value')", ['script.failed', 'ValueError: bad value', undefined]],
      ["ctx.operation.retry(message='later', retry_after=9)", ['script.retry_asked', 'later', 9000]],
      ["ctx.abort_operation('stop'); import sys; sys.exit(3)", ['script.aborted', 'stop', undefined]],
      ['ctx.returns(1); raise OperationRetry()', ['script.retry_asked', 'OperationRetry', undefined]],
    ]
    for (const [what, ending] of endings) {
      const { ctx, fault } = await runPython(raise(what))
      expect([fault?.code, fault?.message, fault?.after], what).to.deep.equal(ending)
      expect(ctx.instance.runtimeProperties, what).to.deep.equal({ kept: 1 })
    }
    expect((await runPython('import sys; sys.exit(4)')).fault?.message).to.contain('exit_code: 4')
  })

  it('shows where it failed, without our own frames', async () => {
    const { fault, lines } = await runPython('def inner():\n    raise KeyError(5)\ninner()')
    expect(fault?.details['traceback']).to.match(/^Traceback[^]*main.py", line 3[^]*main.py", line 2[^]*KeyError: 5$/)
    expect(fault?.details['traceback']).not.to.contain('run')
    expect(lines[0]).to.equal('INFO: <err> Traceback (most recent call last):')
    expect((await runPython('def broken(:')).fault?.message).to.match(/^SyntaxError: /)
  })

  it('may be written in the blueprint, indented or not', async () => {
    const source = '    from cloudify import ctx\n    if True:\n        ctx.returns(ctx.node.id)\n'
    expect((await runOperation({ node: { id: 'vm' } }, { script_source: source })).result).to.equal('vm')
    const shell = await runOperation({}, { script_source: 'pwd\n' })
    expect(shell.lines, 'a lone name is a command').to.deep.equal([`INFO: <out> ${shell.ctx.stateDirectory}`])
  })

  it('is recognised by its first line and by a prefix that names Python', async () => {
    const script = '#!/usr/bin/env python3\nfrom cloudify import ctx\nctx.returns(5)'
    expect((await runOperation({ files: { run: script } }, { script_path: 'run' })).result).to.equal(5)
    const failing = 'from cloudify.exceptions import OperationRetry\nraise OperationRetry("x")'
    const prefixed = await runPython(failing, {}, { process: { command_prefix: 'python3 -u' } })
    expect(prefixed.fault?.code).to.equal('script.retry_asked')
  })
})
