import { expect } from 'chai'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openCliSite, type CliSite } from '../support/cli.ts'

describe('plugins init and test', () => {
  let site: CliSite
  beforeEach(async () => (site = await openCliSite()))
  afterEach(() => site.close())

  it('make a plugin of another name, whole', async function () {
    this.timeout(60_000)
    // As `npm init` leaves it.
    await writeFile(join(site.folder, 'package.json'), '{ "type": "commonjs" }')
    const made = await site.run('plugins', 'init', 'my-lamp', '-o', join(site.folder, 'my-lamp'), '--json')
    expect(made.code).to.equal(0)
    const { files } = JSON.parse(made.stdout) as { files: string[] }
    expect(files).to.include.members(['plugin.ts', 'plugin.yaml', 'contract.ts', 'example/blueprint.yaml'])
    expect(await readFile(join(site.folder, 'my-lamp/plugin.yaml'), 'utf8')).to.contain('my-lamp.nodes.Box')
    for (const file of files)
      expect(await readFile(join(site.folder, 'my-lamp', file), 'utf8'), file).to.not.match(/\bexample\b(?!\/)/)
    const tried = await site.run('plugins', 'test', join(site.folder, 'my-lamp'), '--json')
    expect(tried.code, tried.stderr).to.equal(0)
    const results = JSON.parse(tried.stdout) as { id: string; outcome: string; reason: string | null }[]
    expect(results.filter(({ outcome }) => outcome === 'broken')).to.deep.equal([])
    expect(results.filter(({ outcome }) => outcome === 'holds')).to.have.lengthOf.above(30)
  })

  it('refuse bad names and folders that are there', async () => {
    expect((await site.run('plugins', 'init', '../lamp')).code).to.equal(2)
    expect((await site.run('plugins', 'init', 'Lamp')).stderr).to.contain('lower case letters')
    await mkdir(join(site.folder, 'lamp'))
    const refused = await site.run('plugins', 'init', 'lamp', '-o', join(site.folder, 'lamp'))
    expect(refused.code).to.equal(2)
    expect(refused.stderr).to.contain('already exists')
  })

  it('say what is missing in a folder that cannot be tried', async () => {
    await mkdir(join(site.folder, 'empty'))
    const none = await site.run('plugins', 'test', join(site.folder, 'empty'))
    expect(none.code).to.equal(3)
    expect(none.stderr).to.contain('it holds no contract.ts')
    await writeFile(join(site.folder, 'empty/contract.ts'), 'export const subject = 1\n')
    expect((await site.run('plugins', 'test', join(site.folder, 'empty'))).stderr).to.contain("exports no 'subject'")
  })
})
