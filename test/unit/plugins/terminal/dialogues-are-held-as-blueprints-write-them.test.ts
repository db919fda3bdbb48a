import { expect } from 'chai'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { JsonObject } from '../../../../src/kernel/json.ts'
import type { RunOperation } from '../../../../src/plugins/contract/operation.ts'
import plugin from '../../../../src/plugins/terminal/plugin.ts'
import { operationContext, type TestContext } from '../../../support/operation-context.ts'
import { sshHost, type SshHost } from '../../../support/ssh-host.ts'
import { faultOf } from '../../../support/fault-of.ts'

const task = plugin.operations['cloudify_terminal.tasks.run'] as RunOperation
const template = '{# of the house #}echo {{ word }}-{{ ctx.node.properties.colour }}\n\n  echo {{ ctx.instance.id }}\n'

describe('a dialogue on a terminal', function () {
  this.timeout(60_000)
  let host: SshHost
  let ctx: TestContext

  before(async () => {
    host = await sshHost()
  })
  after(() => host[Symbol.asyncDispose]())
  beforeEach(() => {
    const properties = { ...host.properties, colour: 'red' }
    ctx = operationContext({ node: { properties }, files: { 'lines.txt': template, 'loop.txt': '{% for a in b %}' } })
  })
  afterEach(() => ctx.cleanUp())

  const perform = async (calls: readonly JsonObject[], auth: JsonObject = {}): Promise<JsonObject> => {
    await task.run(ctx, { calls, terminal_auth: auth })
    return ctx.instance.runtimeProperties
  }

  it('keeps what each call said, of all of its lines', async () => {
    const calls = [
      { action: 'echo one\n\n  echo two', save_to: 'both' },
      { action: 'tty', save_to: 'place' },
    ]
    const kept = await perform(calls)
    expect(kept['both']).to.equal('one\ntwo')
    expect(kept['place']).to.match(/^\/dev\/pts\/\d+$/)
  })

  it('types templates with values of the call and of the node in them', async () => {
    const params = { word: 'hello' }
    const text = `echo {{ word }} {{ ctx.deployment.id }} {{ missing | default('none') }}`
    const kept = await perform([
      { template: 'lines.txt', params, save_to: 'file' },
      { template_text: text, params, save_to: 'text' },
      // As in the original an action wins, and a call that types nothing is left out.
      { action: 'echo own', template_text: text, save_to: 'own' },
      { template_text: '' },
    ])
    expect(kept).to.include({ file: 'hello-red\nserver_x1y2z3', text: 'hello examples none', own: 'own' })
  })

  it('types nothing at all when one of its templates cannot be filled', async () => {
    const begun = `${host.folder}/begun`
    for (const [bad, words] of [
      [{ template: 'loop.txt' }, "'{% for %}' is not supported"],
      [{ template_text: '{{ a.b }}' }, "there is nothing before 'b'"],
      [{ template: 'away.txt' }, 'away.txt'],
    ] as const) {
      const problem = await faultOf(perform([{ action: `touch ${begun}` }, bad]))
      expect(problem.message).to.include(words)
      expect(problem.effect).to.equal('none')
    }
    expect(existsSync(begun)).to.equal(false)
  })

  it('tries the addresses of its host in turn', async () => {
    // Nobody listens at the first one.
    const kept = await perform([{ action: 'echo here', save_to: 'said' }], { ip: ['127.0.0.2', '127.0.0.1'] })
    expect(kept['said']).to.equal('here')
    expect(ctx.lines.filter((line) => line.startsWith('WARNING'))).to.have.lengthOf(1)
    expect(ctx.lines[0]).to.match(/127\.0\.0\.2.*the next address is tried/)
    const none = await faultOf(perform([{ action: 'true' }], { ip: ['127.0.0.2', '127.0.0.3'] }))
    expect([none.code, none.message.includes('127.0.0.3')]).to.deep.equal(['ssh.unreachable', true])
  })

  it('answers with a new line only where it is told to', async () => {
    const ask = (name: string) => `printf 'Su''re? '; read -r answer; echo "$answer" >${host.folder}/${name}`
    const sure = { question: 'Sure? ', answer: 'y' }
    await perform([{ action: ask('with'), responses: [{ ...sure, newline: true }] }])
    expect(await readFile(`${host.folder}/with`, 'utf8')).to.equal('y\n')
    const late = await faultOf(perform([{ action: ask('without'), responses: [sure], timeout: 2 }]))
    expect([late.code, existsSync(`${host.folder}/without`)]).to.deep.equal(['ssh.bad_prompt', false])
  })

  it('types a line again while it is answered with a warning, as often as it is told', async () => {
    const count = `${host.folder}/count`
    const action = `echo x >>${count}; [ $(wc -l <${count}) -ge 3 ] && echo done || echo bu""sy`
    const call = { action, warnings: ['busy'], retry_sleep: 0, save_to: 'end' }
    expect((await perform([{ ...call, retry_count: 2 }]))['end']).to.equal('done')
    const problem = await faultOf(perform([{ ...call, action: 'echo bu""sy', retry_count: 1 }]))
    expect([problem.code, problem.retry]).to.deep.equal(['ssh.command_failed', 'later'])
  })

  it('fails by the texts of the call, which win over those of the terminal', async () => {
    const action = 'echo disk-is-$((1))full'
    const critical = await faultOf(perform([{ action, criticals: ['is-1full'] }]))
    const error = await faultOf(perform([{ action }], { errors: ['is-1full'] }))
    expect([critical.retry, error.retry]).to.deep.equal(['never', 'later'])
    await perform([{ action, errors: ['something else'] }], { errors: ['is-1full'] })
  })

  it('logs no password, and keeps its hands off what is given as a value', async () => {
    const hostile = `it's "$(touch ${host.folder}/injected)" \`id\``
    const kept = await perform(
      [{ template_text: `printf '%s\\n' '{{ word }}'`, params: { word: 'a b' }, save_to: 'w' }],
      {
        password: 'planted-terminal-password',
      },
    )
    expect(kept['w']).to.equal('a b')
    await perform([{ action: `cat <<'END'\n${hostile}\nEND`, save_to: 'told' }])
    expect(ctx.instance.runtimeProperties['told']).to.include(hostile)
    expect(existsSync(`${host.folder}/injected`)).to.equal(false)
    expect(JSON.stringify([ctx.logs, ctx.events, ctx.instance.runtimeProperties])).not.to.include('planted-terminal')
  })
})
