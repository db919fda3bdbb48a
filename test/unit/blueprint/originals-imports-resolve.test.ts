// Claim: a blueprint finds the originals' plugins by every name and address under which they are imported in the wild.
import { expect } from 'chai'
import { parseBlueprint } from '../../../src/blueprint/parse-blueprint.ts'
import { planOf, problemsOf } from './texts.ts'

/** Package -> a type that only its file defines; fabric has none, only a plugin. */
const signs: Readonly<Record<string, string>> = {
  openstack: 'cloudify.nodes.openstack.Server',
  vsphere: 'cloudify.nodes.vsphere.Server',
  libvirt: 'cloudify.libvirt.domain',
  gcp: 'cloudify.nodes.gcp.Snapshot',
  utilities: 'cloudify.nodes.CloudInit.CloudConfig',
  terminal: 'cloudify.terminal.raw',
}

const raw = 'https://raw.githubusercontent.com'
const addresses: Readonly<Record<string, string>> = {
  'http://www.getcloudify.org/spec/openstack-plugin/2.14.7/plugin.yaml': 'openstack',
  'https://www.getcloudify.org/spec/openstack-plugin/3.3.9/plugin.yaml': 'openstack',
  'http://getcloudify.org/spec/vsphere-plugin/2.18.0/plugin.yaml': 'vsphere',
  'http://cloudify.co/spec/gcp-plugin/1.6.0/plugin.yaml': 'gcp',
  'https://cloudify.co/spec/libvirt-plugin/0.9.5/plugin.yaml': 'libvirt',
  'https://cloudify.co/spec/cloudify-utilities-plugin/1.25.0/v2_plugin.yaml': 'utilities',
  [`${raw}/cloudify-incubator/cloudify-utilities-plugin/1.9.5/plugin.yaml`]: 'utilities',
  [`${raw}/cloudify-incubator/cloudify-utilities-plugin/1.4.1.1/cloudify_suspend/types.yaml`]: 'utilities',
  [`${raw}/cloudify-incubator/cloudify-libvirt-plugin/0.6.0/plugin.yaml`]: 'libvirt',
  [`${raw}/cloudify-cosmo/cloudify-openstack-plugin/3.2.1/compat.yaml`]: 'openstack',
  [`${raw}/cloudify-cosmo/cloudify-openstack-plugin/refs/heads/2.X-master/plugin.yaml`]: 'openstack',
  [`${raw}/cloudify-cosmo/cloudify-vsphere-plugin/master/plugin_1_4.yaml`]: 'vsphere',
  'https://github.com/cloudify-cosmo/cloudify-gcp-plugin/raw/1.6.0/v2_plugin.yaml': 'gcp',
  'https://github.com/cloudify-cosmo/cloudify-gcp-plugin/releases/download/1.9.1/plugin_1_4.yaml': 'gcp',
  'https://github.com/cloudify-cosmo/cloudify-openstack-plugin/releases/latest/download/plugin.yaml': 'openstack',
}

const strangers = [
  'https://raw.githubusercontent.com/someone-else/cloudify-openstack-plugin/master/plugin.yaml',
  'https://getcloudify.org.example.com/spec/openstack-plugin/2.0/plugin.yaml',
  'https://example.com/?https://cloudify.co/spec/openstack-plugin/2.0/plugin.yaml',
  'https://raw.githubusercontent.com/cloudify-cosmo/cloudify-openstack-plugin/master/examples/local/server.yaml',
  'ftp://cloudify.co/spec/openstack-plugin/2.0/plugin.yaml',
]

function using(imports: readonly string[], type: string): string {
  return `imports: ${JSON.stringify(imports)}\nnode_templates: {node: {type: ${type}}}\n`
}

describe("the originals' imports resolve", () => {
  for (const [name, sign] of Object.entries(signs)) {
    it(`cloudify-${name}-plugin resolves under every version of the language, whatever version of it is asked for`, () => {
      for (const minor of [0, 1, 2, 3, 4, 5]) {
        for (const query of ['', '?version=>=1.0', '?version=%3E%3D2.0,%3C4&distribution=centos']) {
          const imports = ['cloudify/types/types.yaml', `plugin:cloudify-${name}-plugin${query}`]
          const main = `tosca_definitions_version: cloudify_dsl_1_${minor}\n${using(imports, sign)}`
          const { plan, problems } = parseBlueprint({ main })
          expect(problems ?? [], `${minor} ${query}`).to.deep.equal([])
          expect(plan?.nodes[0]?.type).to.equal(sign)
        }
      }
    })
  }

  it('cloudify-fabric-plugin brings the plugin that operations are mapped to', () => {
    const plan = planOf(`
imports: [cloudify/types/types.yaml, 'plugin:cloudify-fabric-plugin?version=2.0.17']
node_templates:
  web:
    type: cloudify.nodes.WebServer
    interfaces:
      cloudify.interfaces.lifecycle:
        start: {implementation: fabric.fabric_plugin.tasks.run_commands, inputs: {commands: [service nginx start]}}
`)
    const start = plan.nodes[0]?.operations['cloudify.interfaces.lifecycle.start']
    expect(start).to.deep.include({ plugin: 'fabric', operation: 'fabric_plugin.tasks.run_commands' })
  })

  for (const [address, name] of Object.entries(addresses)) {
    it(`${address} is that of ${name}`, () => {
      const sign = signs[name] as string
      expect(planOf(using(['cloudify/types/types.yaml', address], sign)).nodes[0]?.type).to.equal(sign)
    })
  }

  it('built-in types resolve by their addresses', () => {
    for (const address of [
      'http://www.getcloudify.org/spec/cloudify/4.5.5/types.yaml',
      'https://cloudify.co/spec/cloudify/6.3.0/types.yaml',
      `${raw}/cloudify-cosmo/cloudify-manager/4.2/resources/rest-service/cloudify/types/types.yaml`,
    ]) {
      expect(planOf(using([address], 'cloudify.nodes.Compute')).nodes[0]?.hostId, address).to.equal('node')
    }
  })

  for (const address of strangers) {
    it(`${address} is not taken for one of them`, () => {
      const problems = problemsOf(using(['cloudify/types/types.yaml', address], 'cloudify.nodes.Root'))
      expect(problems.map(({ code }) => code)).to.deep.equal(['blueprint.import_not_found'])
    })
  }

  it('the same plugin by several names is one', () => {
    const plan = planOf(
      using(
        [
          'cloudify/types/types.yaml',
          'plugin:cloudify-utilities-plugin',
          'plugin:cloudify-terminal-plugin',
          'plugin:cloudify-suspend-plugin',
          'http://www.getcloudify.org/spec/utilities-plugin/1.21.0/plugin.yaml',
          `${raw}/cloudify-incubator/cloudify-utilities-plugin/1.21.0/cloudify_terminal/types.yaml`,
        ],
        'configuration_loader',
      ),
    )
    expect(plan.workflows['backup']).to.deep.include({ plugin: 'suspend' })
  })

  it('all of them go together, and under namespaces', () => {
    const all = [...Object.keys(signs), 'fabric'].map((name) => `plugin:cloudify-${name}-plugin`)
    planOf(using(['cloudify/types/types.yaml', ...all], 'cloudify.nodes.openstack.Server'))
    const plan = planOf(`
imports: [cloudify/types/types.yaml, 'mine--plugin:cloudify-libvirt-plugin']
node_templates: {vm: {type: cloudify.libvirt.domain}}
`)
    expect(plan.nodes[0]?.operations['cloudify.interfaces.freeze.suspend']?.plugin).to.equal('mine--libvirt')
  })

  it('a plugin that the caller brings comes before the file of the same name', () => {
    const plugins = { 'cloudify-gcp-plugin': 'node_types: {only.Mine: {}}\n' }
    const body = using(['plugin:cloudify-gcp-plugin'], 'only.Mine')
    expect(planOf(body, { plugins }).nodes[0]?.type).to.equal('only.Mine')
  })

  for (const [wrong, right] of [
    ['cloudify-openstak-plugin', 'cloudify-openstack-plugin'],
    ['openstack-plugin', 'cloudify-openstack-plugin'],
    ['cloudify-libvirt', 'cloudify-libvirt-plugin'],
    ['vsfere', 'vsphere'],
  ] as const) {
    it(`whoever writes ${wrong} is led to ${right}`, () => {
      expect(problemsOf(`imports: ['plugin:${wrong}']`)[0]?.hint).to.equal(`did you mean '${right}'?`)
    })
  }

  it('a plugin that is not there is not mistaken for another, and the way out is named', () => {
    for (const name of ['plugin:cloudify-aws-plugin', 'http://www.getcloudify.org/spec/aws-plugin/2.0/plugin.yaml']) {
      const [problem] = problemsOf(`imports: ['${name}']`)
      expect(problem?.code).to.equal('blueprint.import_not_found')
      expect(problem?.hint).to.match(
        /^plugins here: .*cloudify-gcp-plugin.*; for another, put its plugin\.yaml into the/,
      )
    }
  })
})
