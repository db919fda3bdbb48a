// Claim: where types are there but no plugin provides their operations, a workflow ends with the node, the operation and
// what should have provided it; nothing is frozen, and nothing passes in silence.
import { expect } from 'chai'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ExecutionDetails, Fermata } from '../../../src/engine/api.ts'
import { openFermata } from '../../../src/engine/open.ts'
import { bundledPlugins } from '../../../src/engine/plugin-registry.ts'
import { Fault } from '../../../src/kernel/fault.ts'
import type { JsonObject } from '../../../src/kernel/json.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { customWorkflow } from './originals-texts-utilities.ts'

interface Missing {
  readonly package: string
  /** The node `node` of the blueprint. */
  readonly node: string
  readonly workflow: string
  readonly parameters?: JsonObject
  readonly operation: string
  readonly implementation: string
}

const sync = `{implementation: terminal.cloudify_terminal.tasks.run, inputs: {calls: [{action: sync}]}}`
const commands = '{implementation: fabric.fabric_plugin.tasks.run_commands, inputs: {commands: [sync]}}'

const all: readonly Missing[] = [
  {
    package: 'vsphere',
    node: '{type: cloudify.vsphere.nodes.Server}',
    workflow: 'backup',
    operation: 'snapshot.create',
    implementation: 'vsphere.vsphere_server_plugin.server.snapshot_create',
  },
  {
    package: 'gcp',
    node: '{type: cloudify.nodes.gcp.Snapshot, properties: {disk_name: data}}',
    workflow: 'backup',
    parameters: { snapshot_incremental: false },
    operation: 'snapshot.create',
    implementation: 'gcp_plugin.cloudify_gcp.compute.snapshot.create',
  },
  {
    package: 'terminal',
    node: `{type: cloudify.nodes.WebServer, interfaces: {cloudify.interfaces.freeze: {fs_prepare: ${sync}, fs_finalize: ${sync}}, cloudify.interfaces.snapshot: {create: ${sync}}}}`,
    workflow: 'backup',
    operation: 'freeze.fs_prepare',
    implementation: 'terminal.cloudify_terminal.tasks.run',
  },
  {
    package: 'fabric',
    node: `{type: cloudify.nodes.WebServer, interfaces: {cloudify.interfaces.freeze: {resume: ${commands}}}}`,
    workflow: 'resume',
    operation: 'freeze.resume',
    implementation: 'fabric.fabric_plugin.tasks.run_commands',
  },
  {
    package: 'utilities',
    node: '{type: cloudify.nodes.DeploymentProxy}',
    workflow: 'install',
    operation: 'lifecycle.create',
    implementation: 'cfy_util.cloudify_deployment_proxy.tasks.upload_blueprint',
  },
]

// Once a plugin comes along for some of them, they say nothing about what is missing.
const provided = new Set(bundledPlugins.map(({ name }) => name))
const missing = all.filter(({ implementation }) => !provided.has(implementation.slice(0, implementation.indexOf('.'))))

async function run(fermata: Fermata, folder: string, one: Missing): Promise<ExecutionDetails> {
  const path = join(folder, 'blueprint.yaml')
  const packages = [...new Set(['utilities', one.package])].map((name) => `'plugin:cloudify-${name}-plugin'`)
  await writeFile(
    path,
    `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, ${packages.join(', ')}]
node_templates: {node: ${one.node}}
`,
  )
  await fermata.blueprints.upload('it', { path })
  await fermata.deployments.create('it', 'it', {})
  return fermata.executions.start({ workflow: one.workflow, deploymentId: 'it', parameters: one.parameters ?? {} })
}

describe("workflows on the originals' types say what is missing", () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fermata-originals-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  for (const one of missing) {
    it(`${one.workflow} names ${one.implementation}`, async () => {
      await using fermata = await openFermata({ home: join(folder, 'home'), world: realWorld() })
      const { status, error } = await run(fermata, folder, one)
      expect(status).to.equal('failed')
      expect(error?.code).to.equal('plan.no_plugin')
      expect(error?.message).to.equal(
        `node 'node', operation 'cloudify.interfaces.${one.operation}': no plugin provides '${one.implementation}'`,
      )
      expect((await fermata.status()).frozen).to.deep.equal([])
    })
  }

  it('a workflow that is mapped to nothing is not begun, and not listed', async () => {
    for (const file of customWorkflow.files ?? []) {
      await mkdir(dirname(join(folder, file)), { recursive: true })
      await writeFile(join(folder, file), '')
    }
    await writeFile(join(folder, 'blueprint.yaml'), customWorkflow.text)
    await using fermata = await openFermata({ home: join(folder, 'home'), world: realWorld() })
    await fermata.blueprints.upload('it', { path: join(folder, 'blueprint.yaml') })
    await fermata.deployments.create('it', 'it', {})
    const { workflows } = await fermata.deployments.get('it')
    expect(workflows.map(({ name }) => name))
      .to.include('backup')
      .and.not.include('BackupFlow')
    const outcome = await fermata.executions
      .start({ workflow: 'BackupFlow', deploymentId: 'it' })
      .catch((e: unknown) => e)
    expect(outcome).to.be.instanceOf(Fault)
    expect((outcome as Fault).message).to.contain(
      "no plugin provides 'cloudify_custom_workflow.cloudify_custom_workflow.tasks.customwf'",
    )
    expect(await fermata.executions.list()).to.deep.equal([])
  })
})
