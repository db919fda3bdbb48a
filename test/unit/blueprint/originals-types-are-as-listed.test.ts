// Claim: every type that the originals' plugins define is there, with its parents, defaults, properties and operations.
import { expect } from 'chai'
import type { PlannedNode, PlannedOperation } from '../../../src/blueprint/plan.ts'
import type { JsonObject } from '../../../src/kernel/json.ts'
import { gcp } from './originals-listed-gcp.ts'
import { libvirt } from './originals-listed-libvirt.ts'
import { openstack } from './originals-listed-openstack.ts'
import { utilities } from './originals-listed-utilities.ts'
import { vsphere } from './originals-listed-vsphere.ts'
import type { ListedPlugin, ListedType } from './originals-listed.ts'
import { deploymentOf, planOf, problemsOf } from './texts.ts'

const prefix = 'cloudify.interfaces.'
/** Interfaces through which a workflow of fermata reaches a node: of these, a type has what is listed and nothing else. */
const ours = ['freeze', 'snapshot', 'statistics'].map((name) => `${prefix}${name}.`)

function body(
  plugin: ListedPlugin,
  types: readonly ListedType[],
  propertiesOf: (type: ListedType) => JsonObject,
): string {
  const nodes = types.map((type) => [type.name, { type: type.name, properties: propertiesOf(type) }])
  const imports = ['cloudify/types/types.yaml', `plugin:${plugin.package}`]
  return `imports: ${JSON.stringify(imports)}\nnode_templates: ${JSON.stringify(Object.fromEntries(nodes))}\n`
}

function nodesOf(plugin: ListedPlugin, propertiesOf: (type: ListedType) => JsonObject): Map<string, PlannedNode> {
  return new Map(planOf(body(plugin, plugin.types, propertiesOf)).nodes.map((node) => [node.id, node]))
}

/** `lifecycle create delete` -> the full names of both. */
function operationNames(interfaces: readonly string[]): string[] {
  return interfaces.flatMap((text) => {
    const [name, ...operations] = text.split(' ')
    return operations.map((operation) => `${prefix}${name}.${operation}`)
  })
}

function mapped(node: PlannedNode): [string, PlannedOperation][] {
  return Object.entries(node.operations).filter(([, operation]) => operation.plugin !== '')
}

describe("the originals' types are as listed", () => {
  for (const plugin of [openstack, vsphere, libvirt, gcp, utilities]) {
    describe(plugin.package, () => {
      let nodes: Map<string, PlannedNode>
      before(() => {
        nodes = nodesOf(plugin, () => ({}))
      })
      const nodeOf = (name: string): PlannedNode => nodes.get(name) as PlannedNode

      it('none of its types requires anything', () => {
        expect([...nodes.keys()]).to.have.members(plugin.types.map(({ name }) => name))
      })

      it('each of its types can be deployed as it is', () => {
        for (const type of plugin.types) {
          const plan = planOf(body(plugin, [type], () => ({})))
          expect(deploymentOf(plan).instances, type.name).to.have.length(1)
        }
      })

      it('types have their parents', () => {
        for (const { name, parents } of plugin.types) {
          const { typeHierarchy } = nodeOf(name)
          expect(
            typeHierarchy.filter((parent) => parents.includes(parent)),
            name,
          ).to.deep.equal(parents)
          const isCompute = typeHierarchy.includes('cloudify.nodes.Compute')
          expect(isCompute, `${name} is a compute node`).to.equal(parents.includes('cloudify.nodes.Compute'))
        }
      })

      it('properties have their defaults', () => {
        for (const { name, defaults } of plugin.types) expect(nodeOf(name).properties, name).to.deep.include(defaults)
      })

      it('properties take what blueprints give', () => {
        const given = nodesOf(plugin, (type) => type.given)
        for (const type of plugin.types) {
          const { properties } = given.get(type.name) as PlannedNode
          expect(properties, type.name).to.include.keys('use_external_resource', ...Object.keys(type.given))
        }
      })

      it('properties that no one defined are refused', () => {
        const [first] = plugin.types
        const problems = problemsOf(body(plugin, [first as ListedType], () => ({ nothing_like_this: 1 })))
        expect(problems[0]?.code).to.equal('blueprint.unknown_property')
      })

      it('operations belong to the plugin', () => {
        for (const { name, interfaces } of plugin.types) {
          const operations = mapped(nodeOf(name))
          expect(
            operations.map(([operation]) => operation),
            name,
          ).to.include.members(operationNames(interfaces))
          for (const [operation, { plugin: owner }] of operations) {
            expect(plugin.plugins, `${name} ${operation} of ${owner}`).to.include(owner)
          }
        }
      })

      it('freeze, snapshot and statistics are there where they are listed, and nowhere else', () => {
        for (const { name, interfaces } of plugin.types) {
          const found = mapped(nodeOf(name)).map(([operation]) => operation)
          const listed = operationNames(interfaces)
          const isOurs = (operation: string): boolean => ours.some((start) => operation.startsWith(start))
          expect(found.filter(isOurs), name).to.have.members(listed.filter(isOurs))
        }
      })

      it("operations that matter keep the originals' names", () => {
        for (const [what, expected] of Object.entries(plugin.mappings)) {
          const [name = '', operation = ''] = what.split(' ')
          expect(nodeOf(name).operations[`${prefix}${operation}`]?.operation, what).to.equal(expected)
        }
      })

      it('relationships come from the built-in ones', () => {
        const { relationshipTypes } = planOf(`imports: [cloudify/types/types.yaml, 'plugin:${plugin.package}']`)
        for (const [name, kind] of Object.entries(plugin.relationships)) {
          const [, second] = relationshipTypes[name] ?? []
          const parent = kind === 'depends_on' ? name : `cloudify.relationships.${kind}`
          expect(second, name).to.equal(parent)
        }
      })
    })
  }
})
