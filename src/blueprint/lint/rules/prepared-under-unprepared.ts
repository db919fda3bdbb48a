// lint.prepared_under_unprepared: what is held still while those who write into it go on.
import { does, placeOfOperation, wire } from '../operations.ts'
import type { LintRule } from '../rule.ts'

const example = (application: string): string => `
imports: [cloudify/types/types.yaml]
node_templates:
  database:
    type: cloudify.nodes.Root
    interfaces:
      cloudify.interfaces.freeze: { fs_prepare: prepare.sh, fs_finalize: finalize.sh }
  application:
    type: cloudify.nodes.Root
    interfaces:
      cloudify.interfaces.lifecycle: { start: start.sh }
${application}    relationships:
      - { type: cloudify.relationships.connected_to, target: database }
`
const files = { 'prepare.sh': '', 'finalize.sh': '', 'start.sh': '' }

export const preparedUnderUnprepared: LintRule = {
  id: 'lint.prepared_under_unprepared',
  summary: 'A node does `fs_prepare`, and something that runs on top of it does not.',
  why: 'Dependents are prepared first so that nothing is half written when the node below stands still. One that is not prepared goes on, runs into the frozen node, and its own state does not fit what was cut.',
  example: { blueprint: example(''), files },
  better: {
    blueprint: example('      cloudify.interfaces.freeze: { fs_prepare: prepare.sh, fs_finalize: finalize.sh }\n'),
    files,
  },
  *check(scene) {
    const prepared = new Set(scene.plan.nodes.filter((node) => does(node, wire.prepare)).map(({ id }) => id))
    for (const node of scene.plan.nodes) {
      if (prepared.has(node.id) || !does(node, wire.start)) continue
      const below = node.relationships.find(({ target }) => prepared.has(target))
      if (below === undefined) continue
      yield {
        place: placeOfOperation(node, wire.start, scene),
        message: `'${node.id}' runs on '${below.target}', which is prepared for a backup, but is not prepared itself`,
        hint: `give '${node.id}' fs_prepare and fs_finalize too`,
      }
    }
  },
}
