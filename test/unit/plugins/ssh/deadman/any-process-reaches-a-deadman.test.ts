import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import type { DeadmanFinalize, DeadmanHandle } from '../../../../../src/plugins/contract/deadman.ts'
import type { RunOperation } from '../../../../../src/plugins/contract/operation.ts'
import fabric from '../../../../../src/plugins/fabric/plugin.ts'
import { eventually } from '../../../../support/cli.ts'
import { operationContext } from '../../../../support/operation-context.ts'
import { sshHost } from '../../../../support/ssh-host.ts'
import { faultOf } from '../../../../support/fault-of.ts'

const operation = 'fabric_plugin.tasks.run_commands'
const deadman = (fabric.operations[operation] as RunOperation).deadman as Required<NonNullable<RunOperation['deadman']>>
const armer = fileURLToPath(new URL('../../../../support/guest-armer.ts', import.meta.url))

/** Armed by a process that is killed then. */
async function armedByAnother(request: JsonObject): Promise<DeadmanHandle> {
  const child = spawn(process.execPath, [armer, JSON.stringify(request)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  child.kill('SIGKILL')
  await once(child, 'close')
  return JSON.parse(line) as DeadmanHandle
}

describe('a deadman on a host', function () {
  this.timeout(60_000)

  it('heeds a process that did not arm it: another lease, its end, and nothing to extend after that', async () => {
    await using host = await sshHost()
    const flag = `${host.folder}/thawed`
    const inputs = { fabric_env: host.fabricEnv, commands: [`touch ${flag}`] }
    const finalize: DeadmanFinalize = { plugin: 'fabric', operation, inputs }
    const stateDirectory = `${host.folder}/state`
    const handle = await armedByAnother({ stateDirectory, inputs, lease: 60_000, maximum: 90_000 })
    const ctx = operationContext({ stateDirectory })
    try {
      // The lease it was armed with would last.
      const short = await deadman.extend(ctx, handle, 100, finalize)
      await eventually('the lease that was asked for ended', () => existsSync(flag))
      const late = await faultOf(deadman.extend(ctx, short, 60_000, finalize))
      expect([late.code, late.message]).to.satisfy(
        ([code, text]: string[]) => code === 'freeze.not_armed' && text?.includes('did not grant more time'),
      )
      const { firedAt } = await deadman.disarm(ctx, short, finalize)
      expect(firedAt).to.be.closeTo(Date.now(), 10_000)
      // Disarmed for good: nothing of it is left on the host.
      await eventually('its folder is gone', () => !existsSync(String(handle['folder'])), 15_000)
      expect(await deadman.disarm(ctx, short, finalize)).to.deep.equal({ firedAt: null })
    } finally {
      await ctx.cleanUp()
    }
  })

  it('keeps no credentials in its handle, and nothing of them on the host', async () => {
    await using host = await sshHost()
    const inputs = { fabric_env: host.fabricEnv, commands: ['true'] }
    const ctx = operationContext({ stateDirectory: `${host.folder}/state` })
    const finalize: DeadmanFinalize = { plugin: 'fabric', operation, inputs }
    try {
      const handle = await deadman.arm(ctx, { token: 'one', lease: 60_000, finalize })
      const secret = host.server.userKey.private.split('\n')[2] ?? ''
      const kept = await readFile(`${String(handle['folder'])}/thaw`, 'utf8')
      expect([secret.length > 20, JSON.stringify(handle).includes(secret), kept.includes(secret)]).to.deep.equal([
        true,
        false,
        false,
      ])
      expect(await deadman.disarm(ctx, handle, finalize)).to.deep.equal({ firedAt: null })
    } finally {
      await ctx.cleanUp()
    }
  })
})
