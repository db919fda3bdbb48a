// Claim: a plugin that cannot work is refused when it is uploaded, in one screen that says where, and nothing of it is kept.
import { expect } from 'chai'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { tarBytes } from '../support/archives.ts'
import { openCliSite, type CliResult, type CliSite } from '../support/cli.ts'
import { below, lampPlugin, type LampFiles } from '../support/lamp-plugin.ts'
import { expectRefusal } from '../support/refusal.ts'

describe('plugins upload refuses', () => {
  let cli: CliSite
  before(async () => (cli = await openCliSite()))
  after(() => cli.close())
  let count = 0

  const upload = async (files: object, ...more: string[]): Promise<CliResult> => {
    const folder = `lamp-${(count += 1)}`
    await cli.write(below(folder, files))
    return cli.run('plugins', 'upload', join(cli.folder, folder), ...more)
  }
  const changed = (name: keyof LampFiles, from: string, to: string): object => {
    const files = lampPlugin('1.0')
    expect(files[name]).to.contain(from)
    return { ...files, [name]: files[name].replace(from, to) }
  }
  const withModule = (text: string): object => ({ ...lampPlugin('1.0'), 'plugin.ts': text })
  afterEach(async () => {
    expect(existsSync(join(cli.home, 'plugins/lamp-plugin'))).to.equal(false)
    expect((await cli.json<{ source: string }[]>('plugins', 'list')).map(({ source }) => source)).to.not.include(
      'uploaded',
    )
  })

  it('a YAML file with problems, all of them, each with its line', async () => {
    const result = await upload(
      changed('plugin.yaml', 'derived_from: cloudify.nodes.Root', 'derived_form: cloudify.nodes.Root'),
    )
    expectRefusal(result, {
      code: 3,
      says: ['plugin.yaml:10:', 'derived_form', 'the plugin has'],
      hint: 'derived_from',
    })
    expect(result.stderr).to.match(/\n +\| +\^/)
    expectRefusal(await upload(changed('plugin.yaml', 'plugins:', 'plugins: [')), {
      code: 3,
      says: ['plugin.yaml:', 'not YAML'],
    })
  })

  it('one that says no package, no version, or an odd one', async () => {
    expectRefusal(await upload(changed('plugin.yaml', 'package_name: lamp-plugin', 'install: false')), {
      code: 3,
      says: ["plugin 'lamp' has no package_name"],
      hint: 'package_name',
    })
    expectRefusal(await upload(changed('plugin.yaml', "package_version: '1.0'", 'package_version: latest')), {
      code: 3,
      says: ['plugin.yaml:7:', "'latest' cannot be a package_version"],
      hint: '1.4',
    })
    expectRefusal(await upload(changed('plugin.yaml', 'lamp-plugin', '../lamp')), { code: 3, says: ["'../lamp'"] })
    expectRefusal(await upload({ 'plugin.yaml': 'node_types: {}\n' }), { code: 3, says: ['declares no plugin'] })
  })

  it('one that maps what the module does not have, at the line that maps it', async () => {
    expectRefusal(await upload(changed('plugin.yaml', 'create: lamp.create', 'create: lamp.creat')), {
      code: 3,
      says: ['plugin.yaml:13:17:', "no operation 'creat'", 'plugin.missing_operation'],
      hint: "did you mean 'create'",
    })
    expectRefusal(await upload(changed('plugin.yaml', 'blink: lamp.blink', 'blink: lamp.create')), {
      code: 3,
      says: ['plugin.yaml:16:', "no workflow 'create'"],
      hint: 'blink',
    })
    expectRefusal(await upload(changed('plugin.yaml', 'scripts/start.sh', 'scripts/stert.sh')), {
      code: 3,
      says: ['plugin.yaml:14:', "'scripts/stert.sh' is neither"],
      hint: 'scripts/start.sh',
    })
    const { 'plugin.ts': _module, ...withoutModule } = lampPlugin('1.0')
    expectRefusal(await upload(withoutModule), { code: 3, says: ["no operation 'create'"], hint: 'plugin.ts' })
  })

  it('a module that throws, ends the process, waits for ever, or is no plugin', async () => {
    const refusals: readonly (readonly [string, RegExp])[] = [
      ["throw new Error('no light here')", /could not be loaded from '[^']*lamp-\d+\/plugin\.ts': no light here/],
      ['process.exit(0)', /it ended the process \(exit code 0\)/],
      ['await new Promise(() => {})', /it waits for something that never comes/],
      ["import './missing.ts'", /Cannot find module/],
      ['export const lamp = 1', /lamp-\d+\/plugin\.ts: has no default export made by definePlugin/],
      ["export default { name: 'lamp', operations: { create: { kind: 'odd' } } }", /unknown kind 'odd'/],
    ]
    for (const [text, says] of refusals) {
      const result = await upload(withModule(text))
      expectRefusal(result, { code: 3, says: ["plugin 'lamp-plugin'", says] })
      expect(result.stderr).to.not.contain(cli.home)
    }
  })

  it('the name of a plugin that comes with fermata', async () => {
    for (const name of ['fermata-local', 'cloudify-openstack-plugin', 'local']) {
      expectRefusal(await upload(changed('plugin.yaml', 'package_name: lamp-plugin', `package_name: ${name}`)), {
        code: 2,
        says: [`plugin '${name}' already exists`],
        hint: 'comes with fermata',
      })
    }
    const text = lampPlugin('1.0')
      ['plugin.yaml'].replace('  lamp:', '  local:')
      .replaceAll(/ lamp\.(?=create|blink)/g, ' local.')
    const named = { ...lampPlugin('1.0'), 'plugin.yaml': text }
    expectRefusal(await upload(named), { code: 2, says: ["plugin 'local' already exists"], hint: 'choose another' })
  })

  it('an archive that leads outside, one without plugin.yaml, and what is not there', async () => {
    const hostile = tarBytes([
      ...Object.entries(lampPlugin('1.0')).map(([name, content]) => ({ name, content: String(content) })),
      { name: '../../outside.ts', content: 'x' },
    ])
    expectRefusal(await cli.run('plugins', 'upload', await cli.write({ 'hostile.tar': hostile })), {
      code: 3,
      says: ['../../outside.ts', '[archive.unsafe_entry]'],
    })
    expectRefusal(await upload({ 'other.yaml': 'plugins: {}\n' }), { code: 3, says: ['plugin.yaml'], hint: '-y' })
    expectRefusal(await cli.run('plugins', 'upload', join(cli.folder, 'nowhere')), { code: 2, says: ['nowhere'] })
  })
})

describe('plugins upload', () => {
  it('takes the YAML file that -y names, and one version once', async () => {
    const cli = await openCliSite()
    try {
      const { 'plugin.yaml': yaml, ...rest } = lampPlugin('1.0')
      await cli.write(below('lamp', { ...rest, 'plugin_1_4.yaml': yaml }))
      const words = ['plugins', 'upload', join(cli.folder, 'lamp'), '-y', 'plugin_1_4.yaml'] as const
      expect(await cli.json(...words)).to.include({ name: 'lamp-plugin', version: '1.0', source: 'uploaded' })
      expectRefusal(await cli.run(...words), {
        code: 2,
        says: ["plugin 'lamp-plugin 1.0' already exists"],
        hint: 'package_version',
      })
    } finally {
      await cli.close()
    }
  })
})
