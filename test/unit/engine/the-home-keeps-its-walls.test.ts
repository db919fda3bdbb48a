import { expect } from 'chai'
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PlannedPlugin } from '../../../src/blueprint/plan.ts'
import { blueprintFile, writeBlueprintFolder } from '../../../src/engine/blueprint-folder.ts'
import { openFermata } from '../../../src/engine/open.ts'
import { loadPlugin } from '../../../src/engine/plugin-registry.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { faultOf } from '../../support/freezing-provider.ts'
import { temporaryFolder } from '../../support/folder.ts'

const file = (text: string) => ({ content: Buffer.from(text), executable: false })
const placing = { unique: 'id', claim: async () => {} }
const planned = (source: string | null, name = 'test'): PlannedPlugin => ({
  name,
  executor: 'central_deployment_agent',
  install: false,
  source,
  packageName: null,
  packageVersion: null,
  properties: {},
  written: {},
})

describe('the folder of a blueprint', () => {
  it('is there as a whole, over what an interrupted upload left', async () => {
    await using folder = await temporaryFolder()
    const place = join(folder.path, 'shop')
    mkdirSync(join(place, 'old'), { recursive: true })
    writeFileSync(join(place, 'old', 'file'), 'left')
    await writeBlueprintFolder(place, new Map([['scripts/run.sh', { ...file('echo'), executable: true }]]), placing)
    expect(readdirSync(place)).to.deep.equal(['scripts'])
    expect(statSync(join(place, 'scripts', 'run.sh')).mode & 0o777).to.equal(0o700)
    expect(readdirSync(folder.path)).to.deep.equal(['shop'])
  })

  it('gives its files and nothing else', async () => {
    await using folder = await temporaryFolder()
    const place = join(folder.path, 'shop')
    await writeBlueprintFolder(
      place,
      new Map([
        ['scripts/run.sh', file('echo')],
        ['..hidden', file('odd')],
      ]),
      placing,
    )
    writeFileSync(join(folder.path, 'outside'), 'secret')
    symlinkSync(join(folder.path, 'outside'), join(place, 'link'))
    symlinkSync(folder.path, join(place, 'up'))
    expect(readFileSync(await blueprintFile(place, 'shop', 'scripts/run.sh'), 'utf8')).to.equal('echo')
    expect(readFileSync(await blueprintFile(place, 'shop', './scripts/../scripts/run.sh'), 'utf8')).to.equal('echo')
    expect(readFileSync(await blueprintFile(place, 'shop', '..hidden'), 'utf8')).to.equal('odd')
    const refused = [
      '../outside',
      '/etc/passwd',
      'scripts/../../outside',
      'link',
      'up/outside',
      'scripts',
      '',
      '.',
      'nowhere',
      'a\0b',
    ]
    for (const path of refused) {
      expect((await faultOf(blueprintFile(place, 'shop', path)))?.code, JSON.stringify(path)).to.equal(
        'script.not_found',
      )
    }
  })
})

describe('a plugin of a blueprint', () => {
  async function pluginOf(text: string | null, source = 'test') {
    const folder = await temporaryFolder()
    mkdirSync(join(folder.path, 'plugins', 'test'), { recursive: true })
    if (text !== null) writeFileSync(join(folder.path, 'plugins', 'test', 'plugin.ts'), text)
    await using _ = folder
    return await loadPlugin(planned(source), folder.path)
  }

  it('is found by its source below plugins/, with fermata at hand wherever it lies', async () => {
    const text =
      "import { definePlugin, operation } from 'fermata'\nexport default definePlugin({ name: 'test', operations: { go: operation({ run: async () => 1 }) } })"
    const plugin = await pluginOf(text)
    expect(Object.keys(plugin?.operations ?? {})).to.deep.equal(['go'])
  })

  it('that cannot be loaded says why', async () => {
    for (const text of ['export default {', "throw new Error('broken inside')", "import 'nowhere-to-be-found'"]) {
      const problem = await faultOf(pluginOf(text))
      expect(problem?.code, text).to.equal('plugin.load_failed')
      expect(problem?.message).to.contain('plugin.ts')
    }
  })

  it('that exports something else is refused', async () => {
    const wrong = [
      'export const plugin = 1',
      'export default 5',
      'export default null',
      "export default { name: 'x' }",
      "export default { name: 'x', operations: null }",
      "export default { name: 'x', operations: { go: 5 } }",
      "export default { name: 'x', operations: { go: { kind: 'dance' } } }",
      "export default { name: 'x', operations: { go: { kind: 'freeze', freeze() {} } } }",
    ]
    for (const text of wrong) expect((await faultOf(pluginOf(text)))?.code, text).to.equal('plugin.invalid')
  })

  it('never comes from outside of its blueprint', async () => {
    await using folder = await temporaryFolder()
    const blueprint = join(folder.path, 'blueprint')
    mkdirSync(blueprint)
    writeFileSync(join(folder.path, 'plugin.ts'), "throw new Error('loaded from outside')")
    for (const source of [
      '..',
      '../plugin.ts',
      join(folder.path, 'plugin.ts'),
      'https://example.com/plugin.zip',
      'gone',
    ]) {
      expect(await loadPlugin(planned(source), blueprint), source).to.equal(undefined)
    }
  })
})

describe('secrets', () => {
  it('lie sealed in the store, with a key that only their owner may read', async () => {
    await using folder = await temporaryFolder()
    await using fermata = await openFermata({ home: folder.path, world: realWorld() })
    await fermata.secrets.create('password', 'hunter22-very-secret')
    expect((await fermata.secrets.get('password')).value).to.equal('hunter22-very-secret')
    expect(JSON.stringify(await fermata.secrets.list())).not.to.contain('hunter22')
    for (const name of readdirSync(folder.path))
      expect(readFileSync(join(folder.path, name)).includes('hunter22'), name).to.equal(false)
    expect(statSync(join(folder.path, 'secret.key')).mode & 0o077).to.equal(0)
  })

  it('are replaced only when that is asked for, and keep when they were made', async () => {
    await using folder = await temporaryFolder()
    await using fermata = await openFermata({ home: folder.path, world: realWorld() })
    const made = await fermata.secrets.create('password', 'one')
    expect((await faultOf(fermata.secrets.create('password', 'two')))?.code).to.equal('usage.exists')
    const changed = await fermata.secrets.create('password', 'two', { replace: true })
    expect(changed.createdAt).to.equal(made.createdAt)
    expect((await fermata.secrets.get('password')).value).to.equal('two')
    await fermata.secrets.delete('password')
    expect((await faultOf(fermata.secrets.get('password')))?.code).to.equal('secret.missing')
  })

  it('take any text', async () => {
    await using folder = await temporaryFolder()
    await using fermata = await openFermata({ home: folder.path, world: realWorld() })
    for (const value of ['', 'line\nline\r\n', 'ünïcödé 🔑', '\0', 'x'.repeat(100_000)]) {
      await fermata.secrets.create('any', value, { replace: true })
      expect((await fermata.secrets.get('any')).value).to.equal(value)
    }
  })

  it('do not open with another key, a broken one or none, nor under another name', async () => {
    await using folder = await temporaryFolder()
    await using fermata = await openFermata({ home: folder.path, world: realWorld() })
    await fermata.secrets.create('one', 'value-one')
    await fermata.secrets.create('two', 'value-two')
    const key = join(folder.path, 'secret.key')
    const right = readFileSync(key)
    for (const wrong of [Buffer.alloc(32, 1), Buffer.alloc(5), Buffer.alloc(0)]) {
      writeFileSync(key, wrong)
      expect((await faultOf(fermata.secrets.get('one')))?.code).to.equal('secret.unreadable')
      if (wrong.length < 32)
        expect((await faultOf(fermata.secrets.create('three', 'x')))?.code).to.equal('secret.unreadable')
    }
    rmSync(key)
    expect((await faultOf(fermata.secrets.get('one')))?.code).to.equal('secret.unreadable')
    writeFileSync(key, right)
    const { openDatabase } = await import('../../../src/store/sqlite/database.ts')
    const database = openDatabase(join(folder.path, 'fermata.db'))
    database.exec("update secrets set sealed = (select sealed from secrets where name = 'two') where name = 'one'")
    database.close()
    expect((await faultOf(fermata.secrets.get('one')))?.code).to.equal('secret.unreadable')
    expect((await fermata.secrets.get('two')).value).to.equal('value-two')
  })
})
