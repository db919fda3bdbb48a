// How long text -> plan takes, as a ratio to js-yaml loading the same texts. Run directly it prints the table.
import { load, YAML11_SCHEMA } from 'js-yaml'
import { parseBlueprint } from '../src/blueprint/parse-blueprint.ts'

export interface Row {
  readonly what: string
  readonly nodes: number
  /** Milliseconds, the best of all rounds. */
  readonly best: number
  /** js-yaml on the same texts, the best of all rounds. */
  readonly yaml: number
  readonly ratio: number
}

const rounds = 25

/** Rows for 1,000 nodes and for four times as many: the second shows whether time grows in line. */
export async function parseBench(): Promise<Row[]> {
  return [1000, 4000].map((nodes) => measure(nodes))
}

function measure(nodes: number): Row {
  const files = { 'blueprint.yaml': blueprintText(nodes / 2), 'types.yaml': typesText }
  const texts = Object.values(files)
  const parse = (): void => {
    const result = parseBlueprint({ main: 'blueprint.yaml', files })
    if (result.problems !== undefined) throw new TypeError(result.problems[0]?.message)
  }
  const yaml = (): void => {
    for (const text of texts) load(text, { schema: YAML11_SCHEMA })
  }
  const best = { parse: Infinity, yaml: Infinity }
  // Interleaved, so that whatever else the machine does meets both alike.
  for (let round = 0; round < rounds; round += 1) {
    best.yaml = Math.min(best.yaml, time(yaml))
    best.parse = Math.min(best.parse, time(parse))
  }
  return { what: 'blueprint text to plan', nodes, best: best.parse, yaml: best.yaml, ratio: best.parse / best.yaml }
}

function time(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

const operations = (names: readonly string[]): string =>
  names.map((name) => `        ${name}: {implementation: example.${name}, inputs: {speed: {default: 1}}}`).join('\n')

const interfaces = `
      cloudify.interfaces.lifecycle:
${operations(['create', 'configure', 'start', 'stop', 'delete'])}
      cloudify.interfaces.freeze:
${operations(['fs_prepare', 'fs_finalize', 'suspend', 'resume'])}
      cloudify.interfaces.snapshot:
${operations(['create', 'apply', 'delete'])}`

const typesText = `
plugins:
  example: {executor: central_deployment_agent, install: false}
node_types:
  example.Compute:
    derived_from: cloudify.nodes.Compute
    properties:
      name: {type: string, default: ''}
      size: {type: integer, default: 1}
    interfaces:${interfaces}
  example.Service:
    derived_from: cloudify.nodes.SoftwareComponent
    properties:
      port: {type: integer, default: 80}
      settings: {type: dict, default: {}}
    interfaces:${interfaces}
`

function blueprintText(pairs: number): string {
  const nodes = Array.from({ length: pairs }, (_unused, index) => pairText(index))
  return `tosca_definitions_version: cloudify_dsl_1_3
imports:
  - cloudify/types/types.yaml
  - types.yaml
inputs:
  zone: {type: string, default: north}
node_templates:
${nodes.join('')}`
}

function pairText(index: number): string {
  return `
  compute_${index}:
    type: example.Compute
    properties:
      name: compute ${index}
      size: ${index}
      ip: 10.0.${index >> 8}.${index & 255}
  service_${index}:
    type: example.Service
    properties:
      port: ${8000 + index}
      settings: {zone: {get_input: zone}, rank: ${index}}
    relationships:
      - type: cloudify.relationships.contained_in
        target: compute_${index}
`
}

if (process.argv[1] === import.meta.filename) {
  for (const { what, nodes, best, yaml, ratio } of await parseBench()) {
    console.log(`${what}, ${nodes} nodes: ${best.toFixed(1)} ms, ${ratio.toFixed(2)} x js-yaml (${yaml.toFixed(1)} ms)`)
  }
}
