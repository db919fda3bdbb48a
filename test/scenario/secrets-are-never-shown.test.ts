// Claim: a secret reaches the operation that asks for it, and stands nowhere else: no event, no --json, no store, no process list.
import { expect } from 'chai'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openCliSite, type CliSite } from '../support/cli.ts'

const value = 'swordfish-4711-é"\\-end'

const blueprint = `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin']
inputs:
  folder: { type: string }
node_templates:
  server:
    type: cloudify.nodes.Root
    interfaces:
      test:
        tell: { implementation: tell.sh, inputs: &all { token: { get_secret: token }, folder: { get_input: folder } } }
        fail: { implementation: fail.sh, inputs: *all }
        ask: { implementation: ask.sh, inputs: { folder: { get_input: folder } } }
`

const scripts = {
  'shop/tell.sh': `#!/bin/sh
printf %s "$token" >"$folder/received"
echo "the token is $token"
ctx logger info "logged: $token"
ctx send-event "sent: $token"
ctx returns "returned: $token"
`,
  'shop/fail.sh': '#!/bin/sh\necho "refused: $token" >&2\nctx abort-operation "aborted: $token"\n',
  'shop/ask.sh': '#!/bin/sh\nctx secret get token >"$folder/asked"\nctx logger info "asked: $(ctx secret get token)"\n',
}

describe('a secret', () => {
  let cli: CliSite
  const shown: string[] = []

  before(async () => {
    cli = await openCliSite()
    const created = await cli.runWith({ input: `${value}\n` }, 'secrets', 'create', 'token')
    expect(created.code, created.stderr).to.equal(0)
    await cli.ok('blueprints', 'upload', await cli.write({ 'shop/blueprint.yaml': blueprint, ...scripts }))
    await cli.ok('deployments', 'create', 'shop', '-b', 'shop', '-i', `folder=${cli.folder}`)
    for (const operation of ['tell', 'fail', 'ask']) {
      const words = ['executions', 'start', 'execute_operation', '-d', 'shop', '-p', `operation=test.${operation}`]
      for (const more of [[], ['--json'], ['--debug', '-v']]) {
        const { code, stdout, stderr } = await cli.run(...words, ...more)
        expect(code, stderr).to.equal(operation === 'fail' ? 1 : 0)
        shown.push(stdout, stderr)
      }
    }
  })
  after(() => cli.close())

  it('reaches the operation as it is', async () => {
    expect(await readFile(join(cli.folder, 'received'), 'utf8')).to.equal(value)
    expect((await readFile(join(cli.folder, 'asked'), 'utf8')).trimEnd()).to.equal(value)
  })

  it('stands in nothing that was printed, though it was logged, sent, returned and thrown', () => {
    const all = shown.join('\n')
    for (const word of ['the token is', 'logged:', 'sent:', 'refused:', 'aborted:', 'asked:'])
      expect(all).to.contain(word)
    expect(all).to.not.contain('swordfish')
  })

  it('stands in nothing that may be asked for later', async () => {
    const executions = await cli.json<{ id: string }[]>('executions', 'list')
    expect(executions).to.have.length(9)
    for (const { id } of executions.slice(0, 6)) {
      const [events, details] = await Promise.all([
        cli.ok('events', 'list', id, '--json'),
        cli.ok('executions', 'get', id, '--json'),
      ])
      expect(events + details).to.not.contain('swordfish')
    }
    for (const words of [
      ['nodes', 'list', '-d', 'shop'],
      ['node-instances', 'list', '-d', 'shop'],
      ['secrets', 'list'],
      ['deployments', 'get', 'shop'],
    ]) {
      expect(await cli.ok(...words, '--json')).to.not.contain('swordfish')
    }
  })

  it('stands in no file of the state directory', async () => {
    const files = await readdir(cli.home, { recursive: true, withFileTypes: true })
    for (const file of files.filter((entry) => entry.isFile())) {
      const path = join(file.parentPath, file.name)
      expect((await readFile(path)).includes('swordfish'), path).to.equal(false)
    }
    expect((await stat(join(cli.home, 'secret.key'))).mode & 0o777).to.equal(0o600)
    expect((await stat(cli.home)).mode & 0o077).to.equal(0)
  })

  it('is shown to who asks for it, changed only on purpose, and gone when deleted', async () => {
    expect(await cli.ok('secrets', 'get', 'token', '--quiet')).to.equal(`${value}\n`)
    expect((await cli.json<{ value: string }>('secrets', 'get', 'token')).value).to.equal(value)
    expect((await cli.runWith({ input: 'other' }, 'secrets', 'create', 'token')).code).to.equal(2)
    expect((await cli.runWith({ input: 'other' }, 'secrets', 'create', 'token', '-u')).code).to.equal(0)
    expect(await cli.ok('secrets', 'get', 'token', '-q')).to.equal('other\n')
    await cli.ok('secrets', 'delete', 'token')
    expect(await cli.json('secrets', 'list')).to.deep.equal([])
    const { code, stderr } = await cli.run(
      'executions',
      'start',
      'execute_operation',
      '-d',
      'shop',
      '-p',
      'operation=test.tell',
    )
    expect(code).to.equal(1)
    expect(stderr).to.contain("no secret 'token'").and.to.contain('fermata secrets create token')
  })
})
