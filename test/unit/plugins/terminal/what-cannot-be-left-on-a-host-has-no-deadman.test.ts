import { expect } from 'chai'
import type { JsonObject } from '../../../../src/kernel/json.ts'
import { terminalDeadman } from '../../../../src/plugins/terminal/thaw.ts'
import { operationContext } from '../../../../src/testing/operation-context.ts'

const operation = 'cloudify_terminal.tasks.run'

async function reasonOf(inputs: JsonObject, plugin = 'terminal'): Promise<string | null | undefined> {
  const ctx = operationContext({ node: { properties: { terminal_auth: { ip: '127.0.0.1', user: 'nobody' } } } })
  try {
    const found = await terminalDeadman.probe?.(ctx, { plugin, operation, inputs })
    expect(found?.kind).to.equal('none')
    return found?.reason
  } finally {
    await ctx.cleanUp()
  }
}

describe('a dialogue on a terminal', () => {
  it('has no deadman when its fs_finalize answers questions', async () => {
    const responses = [{ question: 'sure?', answer: 'yes' }]
    expect(await reasonOf({ calls: [{ action: 'reload', responses }] })).to.contain("answers what 'reload' asks")
  })

  for (const action of ['su -', 'sudo -i', 'ssh other', 'enable', 'configure terminal', 'bash'])
    it(`has none when '${action}' hands the terminal over`, async () => {
      expect(await reasonOf({ calls: [{ action }, { action: 'thaw' }] })).to.contain('hands the terminal over')
    })

  it('has none when its fs_finalize belongs to another plugin', async () => {
    expect(await reasonOf({ calls: [] }, 'fabric')).to.contain('which a terminal cannot leave on the host')
  })
})
