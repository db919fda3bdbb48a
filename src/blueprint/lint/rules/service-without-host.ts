// lint.service_without_host: a service that no host contains.
import { elementOf } from '../operations.ts'
import { placeIn } from '../../document.ts'
import type { LintRule } from '../rule.ts'

const serviceTypes: ReadonlySet<string> = new Set([
  'cloudify.nodes.SoftwareComponent',
  'cloudify.nodes.WebServer',
  'cloudify.nodes.ApplicationServer',
  'cloudify.nodes.DBMS',
  'cloudify.nodes.MessageBusServer',
  'cloudify.nodes.LoadBalancer',
])

const example = (relationships: string): string => `
imports: [cloudify/types/types.yaml]
node_templates:
  machine:
    type: cloudify.nodes.Compute
  database:
    type: cloudify.nodes.DBMS
${relationships}`

export const serviceWithoutHost: LintRule = {
  id: 'lint.service_without_host',
  summary: 'A service is contained in no host, although the blueprint has hosts.',
  why: 'Services are prepared before the machine they run on is frozen. fermata only knows which machine that is by `contained_in`; without it the service is not released and restored together with its host.',
  example: { blueprint: example('') },
  better: {
    blueprint: example(
      '    relationships:\n      - type: cloudify.relationships.contained_in\n        target: machine\n',
    ),
  },
  *check(scene) {
    const { nodes } = scene.plan
    if (!nodes.some((node) => node.hostId !== null)) return
    for (const node of nodes) {
      if (node.hostId !== null || !node.typeHierarchy.some((type) => serviceTypes.has(type))) continue
      const element = elementOf(node, scene)
      if (element === undefined) continue
      yield {
        place: placeIn(element, 'type'),
        message: `no host contains the service '${node.id}'`,
        hint: 'add a relationship cloudify.relationships.contained_in to the compute node it runs on',
      }
    }
  },
}
