// Claim: whatever a plugin module does while it is loaded, the answer comes within the limit and its process is gone.
import { expect } from 'chai'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkPluginModule } from '../../../src/engine/check-plugin-module.ts'
import { Fault } from '../../../src/kernel/fault.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { eventually } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/folder.ts'

const good =
  "import { definePlugin, operation } from 'fermata'\nexport default definePlugin({ name: 'x', operations: { go: operation({ run: async () => {} }) } })\n"

async function check(text: string, limit = 50_000) {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'plugin.ts')
  writeFileSync(path, text.replaceAll('FOLDER', folder.path))
  try {
    const provides = await checkPluginModule({ plugin: 'x', path, shown: 'x/plugin.ts' }, realWorld(), limit)
    return { provides, folder: folder.path }
  } catch (thrown) {
    const pidFile = join(folder.path, 'pid')
    const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : undefined
    return { fault: thrown instanceof Fault ? thrown : undefined, pid }
  }
}

describe('a plugin module that is loaded for the first time', () => {
  it('tells what it provides', async () => {
    const { provides } = await check(good)
    expect(provides).to.deep.equal({ operations: [{ name: 'go', kind: 'run', deadman: null }], workflows: [] })
  })

  it('may leave timers behind and print much', async () => {
    const { provides } = await check(
      `setInterval(() => {}, 1000)\nconsole.log('x'.repeat(5_000_000))\nconsole.error('y'.repeat(5_000_000))\n${good}`,
    )
    expect(provides?.operations.map(({ name }) => name)).to.deep.equal(['go'])
  })

  it('is ended when it takes too long', async () => {
    const loop =
      "import { writeFileSync } from 'node:fs'\nwriteFileSync('FOLDER/pid', String(process.pid))\nfor (;;);\n"
    const { fault, pid } = await check(loop, 5000)
    expect(fault?.code).to.equal('plugin.load_failed')
    expect(fault?.message).to.contain("'x/plugin.ts'").and.to.contain('5.00 s')
    await eventually('the process is gone', () => pid !== undefined && !existsSync(`/proc/${pid}`))
  })

  it('is ended when it fills the memory', async () => {
    const { fault } = await check('const all = []\nfor (;;) all.push(new Array(100_000).fill(all.length))\n')
    expect(fault?.code).to.equal('plugin.load_failed')
    expect(fault?.message).to.contain('512 MiB')
  })
})
