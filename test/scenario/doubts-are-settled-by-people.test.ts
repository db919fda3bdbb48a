// Claim: when fermata is killed in an operation that must not be run twice, the execution stops and says what to look at;
// it goes on as a person says, and only then.
import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openCliSite, type CliSite } from '../support/cli.ts'
import { expectRefusal } from '../support/refusal.ts'

const blueprint = `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml]
plugins:
  till: { executor: central_deployment_agent, source: till, install: false }
node_types:
  till:
    derived_from: cloudify.nodes.Root
    interfaces:
      cloudify.interfaces.lifecycle: { start: till.pay }
node_templates:
  till: { type: till }
`

// Pays, and dies before anybody hears of it, once.
const plugin = `
import { appendFileSync, existsSync } from 'node:fs'
import { definePlugin, operation } from 'fermata'

export default definePlugin({
  name: 'till',
  operations: {
    pay: operation({
      repeat: 'unsafe',
      async run() {
        const book = process.env.BOOK
        const isFirst = !existsSync(book)
        appendFileSync(book, 'paid\\n')
        if (isFirst) process.kill(process.pid, 'SIGKILL')
      },
    }),
  },
})
`

describe('an operation that must not be run twice', () => {
  let cli: CliSite
  let id: string

  beforeEach(async () => {
    cli = await openCliSite()
    const path = await cli.write({ 'shop/blueprint.yaml': blueprint, 'shop/plugins/till/plugin.ts': plugin })
    await cli.ok('blueprints', 'upload', path)
    await cli.ok('deployments', 'create', 'shop', '-b', 'shop')
    const environment = { BOOK: join(cli.folder, 'book') }
    expect((await cli.runWith({ environment }, 'executions', 'start', 'install', '-d', 'shop')).code).to.equal(null)
    id = (await cli.json<{ interrupted: string[] }>('status')).interrupted[0] ?? ''
  })
  afterEach(() => cli.close())

  const resume = (...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> =>
    cli.runWith({ environment: { BOOK: join(cli.folder, 'book') } }, 'executions', 'resume', id, ...words)
  const paid = async (): Promise<number> => (await readFile(join(cli.folder, 'book'), 'utf8')).split('\n').length - 1

  it('stops after a kill, and counts as done when a person says so', async () => {
    const stopped = await resume()
    expect(stopped.code).to.equal(1)
    expect(stopped.stderr).to.contain('may have taken effect').and.to.contain('--assume done')
    expect(await cli.ok('executions', 'get', id)).to.contain(`fermata executions resume ${id} --assume done`)
    const ended = await resume('--assume', 'done')
    expect(ended.code, ended.stderr).to.equal(0)
    expect(ended.stdout).to.contain('a person said so')
    expect(await paid()).to.equal(1)
  })

  it('is run when a person says that it was not', async () => {
    expect((await resume()).code).to.equal(1)
    const [step = ''] = /cloudify\S+\/till_\w+/.exec((await resume()).stderr) ?? []
    expect((await resume('--assume', `${step}=not-done`)).code).to.equal(0)
    expect(await paid()).to.equal(2)
  })

  it('wants an answer that it understands', async () => {
    await resume()
    expectRefusal(await resume('--assume', 'perhaps'), { code: 2, says: ['not-done', "'perhaps'"] })
    expectRefusal(await resume('--assume', 'elsewhere=done'), { code: 2, says: ["no step 'elsewhere' is in doubt"] })
    expect(await paid()).to.equal(1)
  })
})
