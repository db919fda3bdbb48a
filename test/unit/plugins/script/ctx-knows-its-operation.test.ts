// What `ctx` can say: every word of the context tree, by Cloudify's rules of resolution.
import { expect } from 'chai'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../../../../src/kernel/fault.ts'
import type { Json } from '../../../../src/kernel/json.ts'
import { Outcome } from '../../../../src/plugins/script/outcome.ts'
import { contextTree } from '../../../../src/plugins/script/proxy/context-tree.ts'
import { resolve } from '../../../../src/plugins/script/proxy/resolve.ts'
import {
  operationContext,
  subject,
  type OperationContextOptions,
  type TestContext,
} from '../../../support/operation-context.ts'

const options: OperationContextOptions = {
  node: { id: 'server', type: 'examples.Server', properties: { port: 80, disks: [{ size: 5 }, [1, 2]], none: null } },
  instance: { relationships: [{ type: 'on', typeHierarchy: ['on'], targetId: 'host_1', targetNodeId: 'host' }] },
  host: subject({ id: 'host', properties: { ip: '10.0.0.1' } }),
  operation: { attempt: 3, maxAttempts: 6, inDoubt: true },
  secrets: { token: 'hidden' },
  files: { 'a/plain.txt': 'plain', 'a/form.txt': '{{ ctx.node.properties.port }} {{ name }}', 'bytes.bin': '\u0000' },
}

describe('ctx', () => {
  let ctx: TestContext
  afterEach(() => ctx.cleanUp())

  function ask(...words: Json[]): Promise<Json> {
    return resolve(contextTree(ctx, new Outcome(), { size: 3, list: [1] }), words)
  }

  async function refusal(...words: Json[]): Promise<string> {
    return ask(...words).then(
      (value) => `no refusal but ${JSON.stringify(value)}`,
      (thrown: unknown) => (thrown instanceof Fault ? thrown.message : String(thrown)),
    )
  }

  it('answers every reading word', async () => {
    ctx = operationContext(options)
    const answers: [string, Json][] = [
      ['type', 'node-instance'],
      ['node id', 'server'],
      ['node name', 'server'],
      ['node type', 'examples.Server'],
      ['node type-hierarchy', ['cloudify.nodes.Root', 'examples.Server']],
      ['node properties', options.node?.properties ?? null],
      ['node properties port', 80],
      ['node properties disks[0].size', 5],
      ['node properties disks[1][0]', 1],
      ['node properties none', null],
      ['instance id', 'server_x1y2z3'],
      ['instance index', 1],
      ['instance host-ip', '10.0.0.1'],
      ['instance host_ip', '10.0.0.1'],
      ['deployment id', 'examples'],
      ['blueprint id', 'examples'],
      ['execution-id', 'execution-1'],
      ['workflow-id', 'suspend'],
      ['task-name', 'script_runner.tasks.run'],
      ['tenant-name', 'default_tenant'],
      ['operation name', 'cloudify.interfaces.lifecycle.suspend'],
      ['operation retry-number', 2],
      ['operation max-retries', 5],
      ['operation in-doubt', true],
      ['operation key', 'execution-1/cloudify.interfaces.lifecycle.suspend/server_x1y2z3'],
      ['secret get token', 'hidden'],
      ['inputs', { size: 3, list: [1] }],
      ['inputs list[0]', 1],
      ['get-resource a/plain.txt', 'plain'],
      ['get-resource bytes.bin', '\u0000'],
    ]
    for (const [words, value] of answers) expect(await ask(...words.split(' ')), words).to.deep.equal(value)
    const [relationship] = (await ask('instance', 'relationships')) as Json[]
    expect(relationship).to.have.nested.property('target.instance.id', 'host_1')
  })

  it('says what is there instead of what is not', async () => {
    ctx = operationContext(options)
    expect(await refusal('node', 'properties', 'disks[7].size')).to.equal('illegal path: disks[7].size')
    expect(await refusal('node', 'properties', 'constructor')).to.equal('illegal path: constructor')
    expect(await refusal('node', 'properties', 'port', 81)).to.equal('these properties are read only')
    expect(await refusal('node', 'size')).to.equal(
      "'ctx node' has no 'size'; it has id, name, type, type_hierarchy, properties",
    )
    expect(await refusal('toString')).to.contain("'ctx' has no 'toString'")
    expect(await refusal('node')).to.contain("'ctx node' is not a value; go on with one of id, name")
    expect(await refusal('node', 'id', 'x')).to.equal("'ctx x' leads into a plain value")
    expect(await refusal('source', 'node', 'id')).to.equal('ctx source is there only in operations of a relationship')
    expect(await refusal('secret', 'get', 'other')).to.equal("there is no secret 'other'")
    expect(await refusal('get-resource', 'none')).to.contain("script 'none' is not among the files")
    expect(await refusal('abort-operation', 'a', 'b')).to.equal('too many arguments; expected at most 1: message')
    expect(await refusal('operation', 'retry', 'a', 'soon')).to.equal("'soon' is not a number of seconds")
    expect(await refusal('operation', 'retry', 'a', -1)).to.equal("'-1' is not a number of seconds")
  })

  it('changes runtime properties at any depth and saves them when asked', async () => {
    ctx = operationContext(options)
    await ask('instance', 'runtime-properties', 'a.b', 'deep')
    await ask('instance', 'runtime-properties', 'list', [{ x: 1 }])
    await ask('instance', 'runtime-properties', 'list[0].x', 2)
    await ask('instance', 'runtime-properties', 'list[1]', 'next')
    expect(ctx.instance.runtimeProperties).to.deep.equal({ a: { b: 'deep' }, list: [{ x: 2 }, 'next'] })
    expect(await refusal('instance', 'runtime-properties', 'list[5]', 1)).to.equal('illegal path: list[5]')
    expect(await refusal('instance', 'runtime-properties', 'a.b.c', 1)).to.equal('illegal path: a.b.c')
    expect(await refusal('instance', 'runtime-properties', '__proto__.x', 1)).to.equal('illegal path: __proto__.x')
    await ask('instance', 'delete-runtime-property', 'a.b')
    await ask('instance', 'delete-runtime-property', 'list[0]')
    expect(await refusal('instance', 'delete-runtime-property', 'gone')).to.equal('illegal path: gone')
    await ask('instance', 'update')
    expect(ctx.saves).to.deep.equal([{ a: {}, list: ['next'] }])
    await ask('instance', 'delete-runtime-property', 'list')
    await ask('instance', 'patch-runtime-properties', { 'dotted.name': 1, __proto__: null }, ['a'])
    await ask('instance', 'refresh')
    expect(ctx.instance.runtimeProperties).to.deep.equal({ 'dotted.name': 1 })
  })

  it('leaves values alone that somebody else may still hold', async () => {
    const nested = Object.freeze({ inner: Object.freeze([1]) })
    ctx = operationContext({ instance: { runtimeProperties: { nested } } })
    await ask('instance', 'runtime-properties', 'nested.inner[0]', 2)
    expect(ctx.instance.runtimeProperties).to.deep.equal({ nested: { inner: [2] } })
    expect(nested).to.deep.equal({ inner: [1] })
  })

  it('has source and target, and only these, in operations of a relationship', async () => {
    const source = subject({ id: 'app' })
    const target = subject({ id: 'base', properties: { port: 5432 } })
    ctx = operationContext({
      node: source.node,
      instance: source.instance,
      relationship: { type: 'on', source, target },
    })
    expect(await ask('type')).to.equal('relationship-instance')
    expect(await ask('source', 'node', 'id')).to.equal('app')
    expect(await ask('target', 'node', 'properties', 'port')).to.equal(5432)
    expect(await ask('operation', 'relationship')).to.equal('source')
    await ask('target', 'instance', 'runtime-properties', 'users', ['app'])
    await ask('target', 'instance', 'update')
    expect(target.saves).to.deep.equal([{ users: ['app'] }])
    expect(await refusal('instance', 'id')).to.contain('use source or target here')
  })

  it('logs and sends events', async () => {
    ctx = operationContext(options)
    for (const level of ['debug', 'info', 'warning', 'warn', 'error', 'critical']) await ask('logger', level, 'a', 'b')
    expect(ctx.lines).to.deep.equal(
      ['DEBUG', 'INFO', 'WARNING', 'WARNING', 'ERROR', 'ERROR'].map((level) => `${level}: a b`),
    )
    await ask('send-event', 'half way')
    expect(ctx.events).to.deep.equal(['half way'])
    await ask('logger', 'info', 'x'.repeat(20_000))
    expect(ctx.logs.at(-1)?.text).to.match(/^x{16384}… \(3616 more characters\)$/)
  })

  it('hands out copies of blueprint files, as they are or rendered', async () => {
    ctx = operationContext(options)
    const copy = await ask('download-resource', 'a/plain.txt')
    expect(readFileSync(String(copy), 'utf8')).to.equal('plain')
    expect(copy, 'outlives the script').to.match(new RegExp(`^${ctx.stateDirectory}/.*/a/plain\\.txt$`))
    const target = join(ctx.folder, 'file.txt')
    expect(await ask('download-resource', 'a/plain.txt', target)).to.equal(target)
    expect(await ask('download-resource-and-render', 'a/form.txt', target, { name: 'x' })).to.equal(target)
    expect(readFileSync(target, 'utf8')).to.equal('80 x')
    const short = await ask('download-resource-and-render', 'a/form.txt', { name: 'y' })
    expect(readFileSync(String(short), 'utf8')).to.equal('80 y')
    const named = await ask('download-resource-and-render', 'a/form.txt', { template_variables: { name: 'z' } })
    expect(readFileSync(String(named), 'utf8')).to.equal('80 z')
    expect(await ask('get-resource-and-render', 'a/form.txt')).to.equal('80 ')
    expect(await refusal('get-resource-and-render', 'a/form.txt', { template_variables: { ctx: 1 } })).to.contain(
      "'ctx'",
    )
    expect(await refusal('download-resource', 'a/plain.txt', '/no/such/x')).to.contain("cannot write '/no/such/x'")
    expect(readdirSync(ctx.folder), 'half a file').to.have.members(['blueprint', 'file.txt', 'state'])
  })
})
