// lint.operation_input_overruled: an operation input that a workflow parameter of the same name always wins over.
import { placeIn } from '../../document.ts'
import { objectAt } from '../../elements/build.ts'
import type { Plan } from '../../plan.ts'
import { elementOf, wire } from '../operations.ts'
import type { LintRule } from '../rule.ts'

/** Which workflows call an operation and hand their parameters on to it. */
const callers: Readonly<Record<string, readonly string[]>> = {
  [wire.prepare]: ['backup', 'restore'],
  [wire.finalize]: ['backup', 'restore'],
  [wire.snapshot]: ['backup'],
  [wire.apply]: ['restore'],
  [wire.delete]: ['backup', 'remove_backup'],
  [wire.suspend]: ['suspend'],
  [wire.resume]: ['resume'],
}
/** These only choose nodes and bound the freeze; operations never see them. */
const keptBack: ReadonlySet<string> = new Set([
  'include_instances',
  'include_node_types',
  'exclude_node_types',
  'lease',
])

const example = (input: string): string => `
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin']
node_templates:
  volume:
    type: cloudify.nodes.Root
    interfaces:
      cloudify.interfaces.snapshot:
        create:
          implementation: create.sh
          inputs:
            ${input}
        apply: apply.sh
        delete: delete.sh
`
const files = { 'create.sh': '', 'apply.sh': '', 'delete.sh': '' }

export const operationInputOverruled: LintRule = {
  id: 'lint.operation_input_overruled',
  summary: 'An operation is given an input that a parameter of the calling workflow overrules.',
  why: 'Parameters of the workflow win over operation inputs of the same name, defaults among them: the value in the blueprint never arrives.',
  example: { blueprint: example('snapshot_name: nightly'), files },
  better: { blueprint: example('prefix: nightly'), files },
  *check(scene) {
    for (const node of scene.plan.nodes) {
      const element = elementOf(node, scene)
      if (element === undefined || !scene.isOwn(element.source)) continue
      for (const operation of Object.keys(callers)) {
        const dot = operation.lastIndexOf('.')
        const way = ['interfaces', operation.slice(0, dot), operation.slice(dot + 1), 'inputs']
        const given = way.reduce((value, key) => objectAt(value, key), element.value as ReturnType<typeof objectAt>)
        for (const input of Object.keys(given)) {
          const workflow = overruledBy(operation, input, scene.plan)
          if (workflow === undefined) continue
          yield {
            place: { ...placeIn(element, ...way, input), aim: 'key' },
            message: `input '${input}' of '${operation}' never arrives: the workflow ${workflow} has a parameter of that name, which wins`,
            hint: 'give the input another name, or pass the value as a parameter of the workflow',
          }
        }
      }
    }
  },
}

function overruledBy(operation: string, input: string, plan: Plan): string | undefined {
  if (keptBack.has(input)) return undefined
  return callers[operation]?.find((name) => Object.hasOwn(plan.workflows[name]?.parameters ?? {}, input))
}
