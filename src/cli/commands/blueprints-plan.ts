// `blueprints plan`: what the parser made of a blueprint, for people to read.
import { freezeOrder, type FreezeStep } from '../../blueprint/graph/freeze-order.ts'
import type { Plan, PlannedOperation } from '../../blueprint/plan.ts'
import { summarizePlan } from '../../blueprint/summarize.ts'
import { blueprintArgument, planOfArgument } from '../blueprint-argument.ts'
import type { Call } from '../call.ts'
import { mainFileOption, type CommandDefinition } from '../definition.ts'
import { tableText, type Cell } from '../table.ts'

export const blueprintsPlan: CommandDefinition = {
  words: 'blueprints plan',
  summary: 'show what a blueprint means: nodes, hosts, operations with their plugins, freeze order',
  arguments: [blueprintArgument],
  options: [mainFileOption],
  examples: ['fermata blueprints plan blueprints/two-tier'],
  async run(call) {
    const plan = await planOfArgument(call)
    const steps = freezeOrder(plan)
    if (call.isJson) return call.printJson({ ...summarizePlan(plan), freeze_order: steps })
    if (call.isQuiet) return plan.nodes.forEach(({ id }) => call.print(id))
    call.printFields([
      ['language', plan.dslVersion],
      ['description', plan.description?.trim() ?? null],
      ['inputs', Object.keys(plan.inputs).join(', ') || null],
      ['secrets', plan.secrets.join(', ') || null],
      ['workflows', Object.keys(plan.workflows).join(', ') || null],
      ['plugins', Object.keys(plan.plugins).join(', ') || null],
    ])
    call.print('')
    if (plan.nodes.length === 0) return call.print('It has no nodes.')
    await printTable(call, ['NODE', 'TYPE', 'HOST', 'INSTANCES', 'FREEZE'], nodeRows(plan, steps))
    const operations = plan.nodes.flatMap((node) => operationRows(node.id, node.operations))
    const links = plan.nodes.flatMap((node) =>
      node.relationships.flatMap(({ target, sourceOperations, targetOperations }) => [
        ...operationRows(`${node.id} -> ${target}`, sourceOperations),
        ...operationRows(`${node.id} -> ${target}`, targetOperations),
      ]),
    )
    call.print('')
    await printTable(call, ['NODE', 'OPERATION', 'CALLS'], [...operations, ...links], 'No operation does anything.')
    call.print('')
    printSteps(call, steps)
  },
}

async function printTable(
  call: Call,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  none = '',
): Promise<void> {
  call.print(rows.length === 0 ? none : await tableText({ head, rows, paint: call.paint }))
}

function nodeRows(plan: Plan, steps: readonly FreezeStep[]): Cell[][] {
  const numbers = new Map(steps.flatMap(({ number, nodes }) => nodes.map((id): [string, number] => [id, number])))
  return plan.nodes.map((node) => {
    const { default: count } = node.instances
    return [
      node.id,
      node.type,
      node.hostId,
      typeof count === 'number' ? count : JSON.stringify(count),
      numbers.get(node.id) ?? null,
    ]
  })
}

function operationRows(owner: string, operations: Readonly<Record<string, PlannedOperation>>): Cell[][] {
  return Object.entries(operations)
    .filter(([, { plugin }]) => plugin !== '')
    .map(([name, operation]) => [owner, name, calledBy(operation)])
}

/** Scripts by their path: the runner's name tells nobody anything. */
function calledBy({ plugin, operation, inputs }: PlannedOperation): string {
  const { script_path: path, script_source: source } = inputs
  if (typeof path === 'string') return path
  return typeof source === 'string' ? 'a script in the blueprint' : `${plugin}.${operation}`
}

function printSteps(call: Call, steps: readonly FreezeStep[]): void {
  if (steps.length === 0) return call.print('A backup freezes nothing.')
  call.print('A backup freezes, and thaws in reverse order:')
  const services = steps.filter(({ tier }) => tier === 'services')
  for (const { number, tier, nodes } of steps) {
    const first = tier === 'services' ? number === 1 : number === services.length + 1
    call.print(`  ${number}. ${nodes.join(', ')}${first ? ` (${tier})` : ''}`)
  }
}
