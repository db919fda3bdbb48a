// Claim: what a plugin does wrong is told as the plugin's mistake, stops nothing else, and may be tried again.
import { expect } from 'chai'
import { openCliSite, type CliSite } from '../support/cli.ts'
import { expectRefusal } from '../support/refusal.ts'

const blueprint = `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin']
plugins:
  odd: { executor: central_deployment_agent, source: odd, install: false }
node_templates:
  server:
    type: cloudify.nodes.Root
    interfaces:
      test:
        throws: odd.throws
        once_wrong: odd.once_wrong
        returns_code: odd.returns_code
        never_ends: { implementation: odd.never_ends, timeout: 0.2 }
        missing: odd.missing
`

const plugin = `
import { definePlugin, operation, type OperationContext } from 'fermata'

export default definePlugin({
  name: 'odd',
  operations: {
    throws: operation({ run: async () => JSON.parse('{') }),
    once_wrong: operation({
      async run(ctx: OperationContext) {
        if (ctx.operation.attempt === 1) throw new TypeError('not at first')
        ctx.log.info('in doubt: ' + ctx.operation.inDoubt)
      },
    }),
    returns_code: operation({ run: async () => ({ size: 1n }) as never }),
    never_ends: operation({ run: () => new Promise(() => {}) }),
  },
})
`

describe('a plugin that does something wrong', () => {
  let cli: CliSite
  before(async () => {
    cli = await openCliSite()
    await cli.ok(
      'blueprints',
      'upload',
      await cli.write({ 'odd/blueprint.yaml': blueprint, 'odd/plugins/odd/plugin.ts': plugin }),
    )
    await cli.ok('deployments', 'create', 'odd', '-b', 'odd')
  })
  after(() => cli.close())

  const run = (operation: string, ...more: string[]) =>
    cli.run('executions', 'start', 'execute_operation', '-d', 'odd', '-p', `operation=test.${operation}`, ...more)

  it('by throwing any error: its name, the place with -v, and no claim that fermata is at fault', async () => {
    const result = await run('throws')
    expectRefusal(result, { code: 1, says: ["plugin 'odd', operation 'throws'", 'SyntaxError'], hint: '-v' })
    expect(result.stderr).to.not.contain('mistake in fermata')
    expect((await run('throws', '-v')).stdout).to.match(/DEBUG: SyntaxError.*\n(.*\n)*? +at .*plugin\.ts/)
  })

  it('is tried again when asked, and knows that it is in doubt', async () => {
    const { code, stdout } = await run('once_wrong', '--task-retries', '1', '--task-retry-interval', '0')
    expect(code).to.equal(0)
    expect(stdout).to.contain('TypeError: not at first').and.to.contain('INFO: in doubt: true')
  })

  it('by returning what is no JSON, by never ending, by not being there', async () => {
    expectRefusal(await run('returns_code'), { code: 1, says: ["'test.returns_code' returned", 'JSON'] })
    expectRefusal(await run('never_ends'), { code: 1, says: ["'test.never_ends' took longer than"] })
    expectRefusal(await run('missing'), {
      code: 1,
      says: ["no plugin provides 'odd.missing'"],
      hint: 'fermata plugins list',
    })
  })
})
