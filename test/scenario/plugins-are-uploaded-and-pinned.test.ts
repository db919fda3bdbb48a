// Claim: an uploaded plugin serves blueprints as a bundled one does, in the version their plan names, whatever comes later.
import { expect } from 'chai'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { tarBytes, zipBytes } from '../support/archives.ts'
import { openCliSite, type CliSite } from '../support/cli.ts'
import { below, lampBlueprint, lampPlugin } from '../support/lamp-plugin.ts'
import { expectRefusal } from '../support/refusal.ts'

interface PluginJson {
  readonly name: string
  readonly version: string
  readonly source: string
  readonly uploadedAt: number | null
  readonly operations: readonly { readonly name: string; readonly kind: string }[]
  readonly nodeTypes: readonly string[]
  readonly workflows: readonly string[]
}

describe('uploaded plugins', () => {
  let cli: CliSite
  beforeEach(async () => (cli = await openCliSite()))
  afterEach(() => cli.close())

  const upload = async (version: string): Promise<void> => {
    const folder = `lamp-${version}`
    await cli.write(below(folder, lampPlugin(version)))
    await cli.ok('plugins', 'upload', join(cli.folder, folder))
  }
  const deploy = async (id: string, imported: string): Promise<void> => {
    await cli.ok(
      'blueprints',
      'upload',
      '-b',
      id,
      await cli.write({ [`${id}/blueprint.yaml`]: lampBlueprint(imported) }),
    )
    await cli.ok('deployments', 'create', id, '-b', id)
  }
  const install = async (id: string): Promise<string[]> => {
    const printed = await cli.ok('executions', 'start', 'install', '-d', id)
    return printed.match(/(?:made|lit) by \S+/g) ?? []
  }

  it('from a folder: its operations, scripts and workflows run', async () => {
    await upload('1.0')
    await deploy('one', 'plugin:lamp-plugin')
    expect(await install('one')).to.deep.equal(['made by 1.0', 'lit by 1.0'])
    expect(await cli.ok('executions', 'start', 'blink', '-d', 'one')).to.contain('blinked by 1.0')
    expect(await cli.ok('blueprints', 'validate', join(cli.folder, 'one'))).to.contain('No problems')
  })

  it('from a tar.gz and from a zip, with one folder on top', async () => {
    const entries = (version: string) =>
      Object.entries(below('lamp', lampPlugin(version))).map(([name, content]) => ({ name, content }))
    await cli.ok('plugins', 'upload', await cli.write({ 'lamp.tar.gz': gzipSync(tarBytes(entries('1.1'))) }))
    await cli.ok('plugins', 'upload', await cli.write({ 'lamp.zip': zipBytes(entries('1.2')) }))
    for (const version of ['1.1', '1.2']) {
      await deploy(`from-${version}`, `plugin:lamp-plugin?version=${version}`)
      expect(await install(`from-${version}`)).to.deep.equal([`made by ${version}`, `lit by ${version}`])
    }
  })

  it('side by side: the newest that fits is chosen, and stays chosen when a newer one comes', async () => {
    for (const version of ['1.2', '1.10', '2.0']) await upload(version)
    await deploy('any', 'plugin:lamp-plugin')
    await deploy('ranged', 'plugin:lamp-plugin?version=>=1,<2')
    await upload('1.11')
    await upload('3.0')
    expect(await install('any')).to.deep.equal(['made by 2.0', 'lit by 2.0'])
    expect(await install('ranged')).to.deep.equal(['made by 1.10', 'lit by 1.10'])
    expect(await cli.ok('executions', 'start', 'blink', '-d', 'ranged')).to.contain('blinked by 1.10')
  })

  it('under a namespace, and once however its version is asked for', async () => {
    await upload('1.0')
    const text = lampBlueprint('ns--plugin:lamp-plugin').replace('lamp.Lamp', 'ns--lamp.Lamp')
    await cli.ok('blueprints', 'upload', '-b', 'spaced', await cli.write({ 'spaced/blueprint.yaml': text }))
    await cli.ok('deployments', 'create', 'spaced', '-b', 'spaced')
    expect(await install('spaced')).to.deep.equal(['made by 1.0', 'lit by 1.0'])
    await deploy('twice', "plugin:lamp-plugin?version=>=1', 'plugin:lamp-plugin")
    expect(await install('twice')).to.deep.equal(['made by 1.0', 'lit by 1.0'])
  })

  it('says which versions there are when none fits', async () => {
    await upload('1.2')
    const wanting = async (imported: string) =>
      cli.run('blueprints', 'validate', await cli.write({ 'x/blueprint.yaml': lampBlueprint(imported) }))
    expectRefusal(await wanting('plugin:lamp-plugin?version=>=2'), {
      code: 3,
      says: ['blueprint.yaml:3:', "cannot find import 'plugin:lamp-plugin?version=>=2'"],
      hint: 'versions of lamp-plugin here: 1.2',
    })
    expectRefusal(await wanting('plugin:lamp-plugin?version=newest'), { code: 3, says: [], hint: 'no set of versions' })
    expectRefusal(await wanting('plugin:lump-plugin'), { code: 3, says: [], hint: 'lamp-plugin' })
  })

  it('are shown beside the bundled ones', async () => {
    await upload('1.2')
    await upload('1.10')
    const all = await cli.json<PluginJson[]>('plugins', 'list')
    expect(all.filter(({ source }) => source === 'uploaded').map(({ version }) => version)).to.deep.equal([
      '1.10',
      '1.2',
    ])
    expect(all.filter(({ source }) => source === 'bundled').map(({ name }) => name)).to.include.members([
      'script',
      'local',
    ])
    const { uploadedAt, ...newest } = await cli.json<PluginJson>('plugins', 'get', 'lamp-plugin')
    expect(uploadedAt).to.be.a('number')
    expect(newest).to.deep.equal({
      name: 'lamp-plugin',
      version: '1.10',
      source: 'uploaded',
      description: 'Lamps for tests',
      operations: [{ name: 'create', kind: 'run', deadman: null }],
      workflows: ['blink'],
      nodeTypes: ['lamp.Lamp'],
    })
    expect(await cli.ok('plugins', 'get', 'lamp-plugin', '--version', '1.2')).to.match(/version: +1\.2\n/)
    expectRefusal(await cli.run('plugins', 'get', 'lamp-plugin', '--version', '9'), {
      code: 2,
      says: ['9'],
      hint: '1.10, 1.2',
    })
  })

  it('are deleted when nothing uses them, and only then', async () => {
    await upload('1.0')
    await upload('2.0')
    await deploy('one', 'plugin:lamp-plugin?version=<2')
    const remove = (...more: string[]) => cli.run('plugins', 'delete', 'lamp-plugin', ...more)
    expectRefusal(await remove(), { code: 2, says: ['2.0, 1.0'], hint: '--version' })
    expectRefusal(await remove('--version', '1.0'), { code: 2, says: ['lamp-plugin 1.0', 'blueprint one'] })
    expect((await remove('--version', '2.0')).code).to.equal(0)
    expect(existsSync(join(cli.home, 'plugins/lamp-plugin/2.0'))).to.equal(false)
    expect(await install('one')).to.deep.equal(['made by 1.0', 'lit by 1.0'])
    await cli.ok('executions', 'start', 'uninstall', '-d', 'one')
    await cli.ok('deployments', 'delete', 'one')
    await cli.ok('blueprints', 'delete', 'one')
    expect(await cli.json('plugins', 'delete', 'lamp-plugin')).to.deep.equal({ deleted: 'lamp-plugin', version: '1.0' })
    expect(existsSync(join(cli.home, 'plugins/lamp-plugin'))).to.equal(false)
    expectRefusal(await remove(), { code: 2, says: ["no plugin 'lamp-plugin'"] })
    expectRefusal(await cli.run('plugins', 'delete', 'local'), { code: 2, says: ["plugin 'local' comes with fermata"] })
  })

  it('are taken once when two upload the same version at the same time', async () => {
    await cli.write(below('lamp', lampPlugin('1.0')))
    const both = await Promise.all([1, 2].map(() => cli.run('plugins', 'upload', join(cli.folder, 'lamp'))))
    expect(both.map(({ code }) => code).toSorted(), both.map(({ stderr }) => stderr).join('')).to.deep.equal([0, 2])
    expect(readdirSync(join(cli.home, 'plugins/lamp-plugin'))).to.deep.equal(['1.0'])
    await deploy('one', 'plugin:lamp-plugin')
    expect(await install('one')).to.deep.equal(['made by 1.0', 'lit by 1.0'])
  })

  it('keep their scripts apart from files of the same name in the blueprint', async () => {
    await upload('1.0')
    const own = "#!/bin/sh\nctx logger info 'lit by mistake'\n"
    await cli.write({ 'same/scripts/start.sh': own })
    await deploy('same', 'plugin:lamp-plugin')
    expect(await install('same')).to.deep.equal(['made by 1.0', 'lit by 1.0'])
  })
})
