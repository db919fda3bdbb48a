// A script of an imported file or blueprint carries its namespace, and runs from the folder of whoever brought it.
import { expect } from 'chai'
import { mkdir, realpath, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { ExecutionDetails } from '../../../src/engine/api.ts'
import { namespacedFile } from '../../../src/engine/namespaced-file.ts'
import { openFermata } from '../../../src/engine/open.ts'
import { Fault } from '../../../src/kernel/fault.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { temporaryFolder } from '../../support/folder.ts'

const version = 'tosca_definitions_version: cloudify_dsl_1_4\n'
const base = `${version}imports: [cloudify/types/types.yaml]
node_templates:
  node:
    type: cloudify.nodes.Root
    interfaces: {cloudify.interfaces.lifecycle: {start: scripts/start.sh}}
`
const script = (text: string): string => `#!/bin/sh\nctx instance runtime-properties ran ${text}\n`

async function run(blueprints: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<{
  readonly execution: ExecutionDetails
  readonly properties: Readonly<Record<string, unknown>>
}> {
  await using folder = await temporaryFolder()
  await using fermata = await openFermata({ home: join(folder.path, 'home'), world: realWorld() })
  for (const [id, files] of Object.entries(blueprints)) {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder.path, id, name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text, { mode: 0o755 })
    }
    await fermata.blueprints.upload(id, { path: join(folder.path, id, 'blueprint.yaml') })
  }
  await fermata.deployments.create('main', 'main', {})
  const execution = await fermata.executions.start({ workflow: 'install', deploymentId: 'main' })
  const instances = await fermata.nodeInstances.list('main')
  const properties = Object.fromEntries(instances.map(({ nodeId, runtimeProperties }) => [nodeId, runtimeProperties]))
  return { execution, properties }
}

describe('scripts of imported blueprints', function () {
  this.timeout(60_000)

  it('are found beside the file that was imported under a namespace', async () => {
    const { execution, properties } = await run({
      main: {
        'blueprint.yaml': `${version}imports: [ns--part.yaml]\n`,
        'part.yaml': base,
        'scripts/start.sh': script('here'),
      },
    })
    expect(execution.error).to.equal(null)
    expect(properties).to.deep.equal({ 'ns--node': { ran: 'here' } })
  })

  describe('by name', () => {
    const find = async (path: string): Promise<string> => {
      await using folder = await temporaryFolder()
      const home = { blueprint: (id: string) => join(folder.path, id) }
      for (const name of ['main/scripts/own.sh', 'main/a--b.sh', 'base/scripts/start.sh', 'inner/scripts/start.sh']) {
        await mkdir(dirname(join(folder.path, name)), { recursive: true })
        await writeFile(join(folder.path, name), '')
      }
      const namespaces = { ns: 'base', 'ns--in': 'inner', gone: 'deleted' }
      const found = await namespacedFile(home, { namespaces }, 'main', path)
      return relative(await realpath(folder.path), await realpath(found))
    }

    for (const [path, place] of Object.entries({
      'scripts/own.sh': 'main/scripts/own.sh',
      'a--b.sh': 'main/a--b.sh',
      'part--scripts/own.sh': 'main/scripts/own.sh',
      'ns--scripts/start.sh': 'base/scripts/start.sh',
      'ns--in--scripts/start.sh': 'inner/scripts/start.sh',
      'ns--part--scripts/own.sh': 'main/scripts/own.sh',
    })) {
      it(`${path} is ${place}`, async () => expect(await find(path)).to.equal(place))
    }

    for (const path of [
      'scripts/start.sh',
      'ns--scripts/own.sh',
      'gone--scripts/start.sh',
      'ns--../main/scripts/own.sh',
      '../base/scripts/start.sh',
      'constructor--x.sh',
    ]) {
      it(`${path} is not found`, async () => {
        const thrown: unknown = await find(path).catch((error: unknown) => error)
        expect(thrown).to.be.instanceOf(Fault)
        expect((thrown as Fault).code).to.equal('script.not_found')
      })
    }
  })
})
