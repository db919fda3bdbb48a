import { expect } from 'chai'
import type { FreezeOperation } from '../../../src/plugins/contract/operation.ts'
import plugin from '../../../src/plugins/ssh/plugin.ts'
import { operationContext } from '../../../src/testing/operation-context.ts'
import { labHost, labMount, onLabHost } from '../../support/ssh-lab.ts'

const number = 12
const operation = plugin.operations['freeze'] as FreezeOperation

/** Arms, freezes, disarms; what came of it. */
async function codeOf(mountpoints: readonly string[]): Promise<string> {
  const ctx = operationContext({ node: { properties: { ...labHost(number), mountpoints } } })
  const handle = await operation.deadman?.arm(ctx, { token: 'one', lease: 10_000 })
  const thrown = await Promise.resolve(operation.freeze(ctx, {})).catch((problem: unknown) => problem)
  await operation.deadman?.disarm(ctx, handle ?? {})
  await ctx.cleanUp()
  return (thrown as { code?: string } | undefined)?.code ?? 'frozen'
}

describe('ssh.freeze', function () {
  this.timeout(60_000)
  after(() => plugin.close?.())

  it('refuses the root file system and what only lies on it', async () => {
    expect(await codeOf(['/'])).to.equal('ssh.cannot_freeze')
    expect(await codeOf(['/etc'])).to.equal('ssh.cannot_freeze')
    expect(await codeOf(["/no'such $(touch /tmp/fermata-injected)"])).to.equal('ssh.cannot_freeze')
    expect(await onLabHost(number, 'ls /tmp/fermata-injected 2>/dev/null; true')).to.equal('')
  })

  it('thaws what it has frozen when the next cannot be frozen', async () => {
    await using mount = await labMount(number)
    // A file system of memory knows no freeze.
    expect(await codeOf([mount.path, '/dev/shm'])).to.equal('freeze.refused')
    expect(await mount.isFrozen()).to.equal(false)
  })
})
