// A state directory beside a blueprint holds keys and a store in use: nothing of it is read.
import { expect } from 'chai'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readBlueprintSource } from '../../../src/engine/blueprint-files.ts'
import { openFermata } from '../../../src/engine/open.ts'
import { Fault } from '../../../src/kernel/fault.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { temporaryFolder } from '../../support/folder.ts'

const text = 'tosca_definitions_version: cloudify_dsl_1_3\nnode_types: {t: {}}\nnode_templates: {n: {type: t}}\n'

describe('a state directory', () => {
  it('is left out of the blueprint that it lies beside, also behind a link, and goes on being used', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'blueprint.yaml')
    const home = join(folder.path, 'home')
    await writeFile(path, text)
    await using fermata = await openFermata({ home, world: realWorld() })
    await fermata.secrets.create('password', 'open sesame')
    await symlink('home', join(folder.path, 'link'))
    await mkdir(join(folder.path, 'deep'))
    await writeFile(join(folder.path, 'deep', 'a.sh'), 'true\n')
    const { files } = await readBlueprintSource({ path })
    expect([...files.keys()].toSorted()).to.deep.equal(['blueprint.yaml', 'deep/a.sh'])
    await fermata.blueprints.upload('it', { path })
    await using other = await openFermata({ home, world: realWorld() })
    expect((await other.blueprints.list()).map(({ id }) => id)).to.deep.equal(['it'])
  })

  it('is no blueprint itself', async () => {
    await using folder = await temporaryFolder()
    const home = join(folder.path, 'home')
    await using _fermata = await openFermata({ home, world: realWorld() })
    await writeFile(join(home, 'blueprint.yaml'), text)
    const refused = await readBlueprintSource({ path: home }).catch((thrown: unknown) => thrown)
    expect(refused).to.be.instanceOf(Fault)
    expect((refused as Fault).message).to.contain('state directory')
  })
})
