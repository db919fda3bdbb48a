// Where functions may stand in a plan, and the check of all of them.
import type { Json, JsonObject } from '../kernel/json.ts'
import { type Document, type Element, type NamedSection, placeIn } from './document.ts'
import type { Build } from './elements/build.ts'
import type { DraftNode } from './elements/node-template.ts'
import { single } from './elements/scalable.ts'
import { holdsCall } from './functions/call.ts'
import { scan, type Scanner, type ScanScope } from './functions/scan.ts'
import type { Plan, PlannedOperation } from './plan.ts'
import type { PathPart } from './source/source-file.ts'

/** Checks every function of the plan and returns the secrets that it names. */
export function checkFunctions(
  draft: Omit<Plan, 'secrets'>,
  nodes: readonly DraftNode[],
  build: Build,
  checks: boolean,
): string[] {
  const { document } = build
  const scanner: Scanner = {
    reporter: build.reporter,
    minor: document.minor,
    inputs: new Set(document.sections.inputs.keys()),
    nodes: knownNodes(nodes, document),
    secrets: new Set(),
    checks,
  }
  for (const node of nodes) scanNode(node, scanner)
  scanSection('outputs', draft.outputs, document, scanner)
  scanSection('capabilities', draft.capabilities, document, scanner)
  scanSection('labels', draft.labels, document, scanner)
  scanSection('policies', draft.policies, document, scanner)
  const settings = document.singles.get('deployment_settings')
  if (settings !== undefined) scan(draft.deploymentSettings, {}, placesIn(settings), scanner)
  return [...scanner.secrets]
}

/** Nodes that could not be read stand for themselves, so that naming one is no second problem. */
function knownNodes(nodes: readonly DraftNode[], document: Document): ReadonlyMap<string, JsonObject> {
  const known = new Map<string, JsonObject>(nodes.map((node) => [node.id, node.properties]))
  for (const name of document.sections.node_templates.keys()) {
    if (!known.has(name)) known.set(name, { get_input: [] })
  }
  return known
}

function placesIn(element: Element, ...start: readonly PathPart[]) {
  return (path: readonly PathPart[]) => placeIn(element, ...start, ...path)
}

function scanSection(section: NamedSection, values: object, document: Document, scanner: Scanner): void {
  for (const element of document.sections[section].values()) {
    const value = (values as Readonly<Record<string, Json>>)[element.name]
    if (value !== undefined && holdsCall(value)) scan(value, {}, placesIn(element), scanner)
  }
}

function scanNode(node: DraftNode, scanner: Scanner): void {
  const self: ScanScope = { self: node.id }
  const { element } = node
  scan(node.properties, self, placesIn(element, 'properties'), scanner)
  if (node.scale !== single) {
    const scale = {
      default_instances: node.scale.default,
      min_instances: node.scale.min,
      max_instances: node.scale.max,
    }
    scan(scale, self, placesIn(element, 'capabilities', 'scalable', 'properties'), scanner)
  }
  scanOperations(node.operations, self, element, ['interfaces'], scanner)
  for (const [index, { target, sourceOperations, targetOperations }] of node.relationships.entries()) {
    const ends: ScanScope = { source: node.id, target }
    const path = ['relationships', index]
    scanOperations(sourceOperations, ends, element, [...path, 'source_interfaces'], scanner)
    scanOperations(targetOperations, ends, element, [...path, 'target_interfaces'], scanner)
  }
}

const plainOperations = new WeakSet<object>()

function scanOperations(
  operations: Readonly<Record<string, PlannedOperation>>,
  scope: ScanScope,
  element: Element,
  path: readonly PathPart[],
  scanner: Scanner,
): void {
  if (plainOperations.has(operations)) return
  let isPlain = true
  for (const name in operations) {
    const inputs = operations[name]?.inputs
    if (inputs === undefined || !holdsCall(inputs)) continue
    isPlain = false
    const dot = name.lastIndexOf('.')
    scan(inputs, scope, placesIn(element, ...path, name.slice(0, dot), name.slice(dot + 1), 'inputs'), scanner)
  }
  if (isPlain) plainOperations.add(operations)
}
