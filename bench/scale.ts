// How the language bears size: text to plan beside js-yaml alone, and plan to instances, at 1,000, 10,000 and 50,000.
// Each size runs in a process of its own, so that its peak memory is its own.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { parseBlueprint } from '../src/blueprint/parse-blueprint.ts'
import type { Plan } from '../src/blueprint/plan.ts'
import { prepareDeployment } from '../src/blueprint/prepare-deployment.ts'
import type { Row } from './report.ts'

const self = fileURLToPath(import.meta.url)

interface Measured {
  /** Milliseconds, the best of all rounds. */
  readonly yaml: number
  readonly parse: number
  readonly prepare: number
  readonly instances: number
  /** MB. */
  readonly peak: number
}

/** `sizes`: numbers of node templates. */
export function scaleBench(options: { readonly sizes: readonly number[]; readonly rounds: number }): Row[] {
  const rows = options.sizes.flatMap((nodes) => {
    const { yaml, parse, prepare, peak } = inChild('nodes', nodes, options.rounds)
    return [
      { name: `text to plan, ${nodes} nodes`, value: parse, unit: 'ms', ratio: ['times js-yaml', parse / yaml] },
      { name: `plan to deployment, ${nodes} nodes`, value: prepare, unit: 'ms' },
      { name: `peak of both, ${nodes} nodes`, value: peak, unit: 'MB' },
    ] satisfies Row[]
  })
  const largest = Math.max(...options.sizes)
  const { prepare, instances, peak } = inChild('instances', largest, options.rounds)
  return [
    ...rows,
    { name: `five templates to ${instances} instances`, value: prepare, unit: 'ms' },
    { name: `peak of that`, value: peak, unit: 'MB' },
  ]
}

function inChild(what: 'nodes' | 'instances', size: number, rounds: number): Measured {
  const { status, stdout, stderr } = spawnSync(process.execPath, [self, what, String(size), String(rounds)])
  if (status !== 0) throw new Error(String(stderr))
  return JSON.parse(String(stdout)) as Measured
}

function measure(text: string, rounds: number, isAlone: boolean): Measured {
  const best = { yaml: Infinity, parse: Infinity, prepare: Infinity }
  let instances = 0
  let peak = 0
  for (let round = 0; round < rounds; round += 1) {
    const [parse, plan] = timed(() => planOf(text))
    const [prepare, made] = timed(() => instancesOf(plan))
    instances = made
    best.parse = Math.min(best.parse, parse)
    best.prepare = Math.min(best.prepare, prepare)
    // What one command needs: later rounds and js-yaml leave garbage behind that it never meets.
    if (round === 0) peak = process.resourceUsage().maxRSS / 1024
    if (!isAlone) best.yaml = Math.min(best.yaml, timed(() => load(text, { schema: YAML11_SCHEMA }))[0])
  }
  return { ...best, instances, peak }
}

function timed<Value>(work: () => Value): readonly [number, Value] {
  const began = performance.now()
  const value = work()
  return [performance.now() - began, value]
}

function planOf(text: string): Plan {
  const { plan, problems } = parseBlueprint({ main: text })
  if (plan === undefined) throw new TypeError(problems[0]?.message)
  return plan
}

function instancesOf(plan: Plan): number {
  let count = 0
  const newSuffix = (): string => (count += 1).toString(36).padStart(6, '0')
  const { deployment, problems } = prepareDeployment(plan, { newSuffix })
  if (deployment === undefined) throw new TypeError(problems[0]?.message)
  return deployment.instances.length
}

const head = `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml]
inputs:
  zone: {type: string, default: north}
node_templates:
`

/** Pairs of a compute and a service in it that is connected to another service, with functions in both. */
function nodesText(nodes: number): string {
  const pairs = Array.from({ length: nodes / 2 }, (_unused, index) => pairText(index))
  return head + pairs.join('')
}

const pairText = (index: number): string => `
  compute_${index}:
    type: cloudify.nodes.Compute
    properties:
      ip: {concat: ['10.', {get_input: zone}, '.${index}']}
  service_${index}:
    type: cloudify.nodes.WebServer
    properties:
      port: ${8000 + (index % 1000)}
    interfaces:
      cloudify.interfaces.lifecycle:
        start: {implementation: script.script_runner.tasks.run, inputs: {ip: {get_property: [compute_${index}, ip]}}}
    relationships:
      - type: cloudify.relationships.contained_in
        target: compute_${index}
${index === 0 ? '' : `      - {type: cloudify.relationships.connected_to, target: service_${Math.floor(index / 2)}}\n`}`

/** A rack of hosts with services and disks inside: a fifth of the instances each. */
function instancesText(instances: number): string {
  const hosts = instances / 5
  const inside = '{type: cloudify.relationships.contained_in, target: host}'
  return `${head}  rack: {type: cloudify.nodes.Root}
  host: {type: cloudify.nodes.Compute, capabilities: {scalable: {properties: {default_instances: ${hosts}}}}}
  app: {type: cloudify.nodes.Root, relationships: [${inside}, {type: cloudify.relationships.connected_to, target: rack}]}
  disk: {type: cloudify.nodes.Root, capabilities: {scalable: {properties: {default_instances: 2}}}, relationships: [${inside}]}
  agent: {type: cloudify.nodes.Root, relationships: [{type: cloudify.relationships.contained_in, target: app}]}
`
}

if (process.argv[1] === self) {
  const [what, size, rounds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
  const text = what === 'instances' ? instancesText(size) : nodesText(size)
  console.log(JSON.stringify(measure(text, rounds, what === 'instances')))
}
