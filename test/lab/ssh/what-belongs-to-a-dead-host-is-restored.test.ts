// Claim: with its cable pulled a host cannot be backed up, but what belongs to it can be put back; while it runs it stands
// still for both.
import { expect } from 'chai'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openCliSite, type CliSite } from '../../support/cli.ts'
import { labCable, labHost, labMount, type LabMount } from '../../support/ssh-lab.ts'

const number = 12

describe('lab: a restore', function () {
  this.timeout(240_000)
  let site: CliSite
  let mount: LabMount

  before(async () => {
    mount = await labMount(number)
    site = await openCliSite()
    await mkdir(join(site.folder, 'data'))
    await writeFile(join(site.folder, 'data/file'), 'saved\n')
    const path = await site.write({ 'shop/blueprint.yaml': blueprint(site.folder, mount.path) })
    await site.ok('blueprints', 'upload', path, '-b', 'shop')
    await site.ok('deployments', 'create', 'shop', '-b', 'shop')
    await site.ok('executions', 'start', 'install', '-d', 'shop')
    await site.ok(...start('backup', 'one'))
    await writeFile(join(site.folder, 'data/file'), 'spoilt\n')
  })
  after(async () => {
    await labCable(number, 'join')
    await site.close()
    await mount[Symbol.asyncDispose]()
  })

  const start = (workflow: string, name: string): string[] =>
    `executions start ${workflow} -d shop --task-retries 0 -p snapshot_name=${name}`.split(' ')

  it('puts back what belongs to a host that gives no answer, and says that it took it for down', async () => {
    await labCable(number, 'cut')
    const backup = await site.run(...start('backup', 'two'))
    expect([backup.code, backup.stdout.includes('cannot reach root@10.254.1.12')]).to.deep.equal([1, true])
    const printed = await site.ok(...start('restore', 'one'))
    expect(printed).to.match(/WARNING: cannot reach root@10\.254\.1\.12: .*taken to be down/)
    expect(await readFile(join(site.folder, 'data/file'), 'utf8')).to.equal('saved\n')
    await labCable(number, 'join')
    await writeFile(join(site.folder, 'data/file'), 'spoilt\n')
    const again = await site.ok(...start('restore', 'one'))
    expect(again).not.to.include('taken to be down')
    expect(await readFile(join(site.folder, 'data/file'), 'utf8')).to.equal('saved\n')
    expect(await mount.isFrozen()).to.equal(false)
  })
})

function blueprint(folder: string, mount: string): string {
  const properties = { ...labHost(number), mountpoints: [mount], connect_timeout: 4 }
  return `tosca_definitions_version: cloudify_dsl_1_4
imports: [cloudify/types/types.yaml, plugin:cloudify-utilities-plugin, plugin:fermata-local, plugin:fermata-ssh]
node_templates:
  host: {type: fermata.nodes.ssh.Host, properties: ${JSON.stringify(properties)}}
  data:
    type: fermata.nodes.local.Directory
    properties: {path: ${folder}/data, snapshots_path: ${folder}/snapshots}
    relationships: [{type: cloudify.relationships.contained_in, target: host}]
`
}
