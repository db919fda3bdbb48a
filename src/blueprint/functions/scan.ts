// Finds every function call of a plan and checks what can be known before there is a deployment.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { didYouMean } from '../../kernel/near.ts'
import type { Place, Reporter } from '../reporter.ts'
import type { PathPart } from '../source/source-file.ts'
import { type Minor, versionName } from '../version.ts'
import { asList, follow, isMiss } from './arguments.ts'
import { type FunctionCall, holdsCall, isCall, readCall } from './call.ts'
import { functionNamed } from './registry.ts'

/** Whose words they are: decides what SELF, SOURCE and TARGET mean. */
export interface ScanScope {
  readonly self?: string
  readonly source?: string
  readonly target?: string
}

export interface Scanner {
  readonly reporter: Reporter
  readonly minor: Minor
  readonly inputs: ReadonlySet<string>
  /** Node id -> properties. */
  readonly nodes: ReadonlyMap<string, JsonObject>
  /** Receives the name of each secret asked for by a literal name. */
  readonly secrets: Set<string>
  /** Off: only secrets are collected. */
  readonly checks: boolean
}

export function scan(
  value: Json,
  scope: ScanScope,
  placeOf: (path: readonly PathPart[]) => Place,
  scanner: Scanner,
): void {
  if (!holdsCall(value)) return
  walk(value, [], scope, placeOf, scanner)
}

/** Of a value that holds a call: every call in it. */
function walk(
  value: Json,
  path: readonly PathPart[],
  scope: ScanScope,
  placeOf: (path: readonly PathPart[]) => Place,
  scanner: Scanner,
): void {
  const call = readCall(value)
  if (call !== undefined) {
    const place = { ...placeOf([...path, call.name]), aim: 'key' as const }
    if (scanner.checks) checkCall(call, scope, place, scanner)
    noteSecret(call, scanner)
    if (holdsCall(call.args)) walk(call.args, [...path, call.name], scope, placeOf, scanner)
  } else if (Array.isArray(value)) {
    for (const [index, item] of (value as readonly Json[]).entries())
      if (holdsCall(item)) walk(item, [...path, index], scope, placeOf, scanner)
  } else if (isJsonObject(value)) {
    for (const key in value)
      if (holdsCall(value[key])) walk(value[key] as Json, [...path, key], scope, placeOf, scanner)
  }
}

function noteSecret(call: FunctionCall, scanner: Scanner): void {
  if (call.name !== 'get_secret') return
  const [name] = asList(call.args)
  if (typeof name === 'string') scanner.secrets.add(name)
}

function checkCall(call: FunctionCall, scope: ScanScope, place: Place, scanner: Scanner): void {
  const called = functionNamed(call.name)
  const { reporter, minor } = scanner
  const reason = called.check(call.args)
  if (reason !== undefined) {
    reporter.add('blueprint.function_arguments', place, { function: call.name, reason, form: called.form })
    return
  }
  if (called.since !== undefined && called.since > minor) {
    const details = { function: call.name, needed: versionName(called.since), version: versionName(minor) }
    reporter.add('blueprint.function_version', place, details)
  }
  if (call.name === 'get_input') checkInput(call, place, scanner)
  else if (nodeReaders.has(call.name)) checkNode(call, scope, place, scanner)
}

const nodeReaders: ReadonlySet<string> = new Set([
  'get_property',
  'get_attribute',
  'get_attributes_list',
  'get_attributes_dict',
])

function checkInput(call: FunctionCall, place: Place, { inputs, reporter }: Scanner): void {
  const [name] = asList(call.args)
  if (typeof name !== 'string' || inputs.has(name)) return
  const near = didYouMean(name, inputs) ?? (inputs.size === 0 ? 'the blueprint has no inputs' : undefined)
  reporter.add('blueprint.function_unknown_input', place, { input: name, near })
}

function checkNode(call: FunctionCall, scope: ScanScope, place: Place, scanner: Scanner): void {
  const [reference, ...path] = asList(call.args)
  if (typeof reference !== 'string') return
  const isSpoken = reference === 'SELF' || reference === 'SOURCE' || reference === 'TARGET'
  const id = isSpoken ? scope[reference.toLowerCase() as keyof ScanScope] : reference
  if (id === undefined) {
    const where =
      reference === 'SELF' ? 'SELF goes with nodes' : `${reference} goes with the operations of a relationship`
    scanner.reporter.add('blueprint.function_scope', place, { function: call.name, reference, where })
    return
  }
  const properties = scanner.nodes.get(id)
  if (properties === undefined) {
    // A node with problems of its own is not among them, but it is no wrong name.
    if (!isSpoken) {
      const near = didYouMean(id, scanner.nodes.keys())
      scanner.reporter.add('blueprint.function_unknown_node', place, { function: call.name, node: id, near })
    }
    return
  }
  if (call.name === 'get_property') checkProperty(id, properties, path, place, scanner.reporter)
}

/** Follows the path up to the first function: what that gives is not known yet. */
function checkProperty(
  node: string,
  properties: JsonObject,
  path: readonly Json[],
  place: Place,
  reporter: Reporter,
): void {
  if (path.some((part) => isCall(part))) return
  let value: Json = properties
  for (const [index, part] of path.entries()) {
    if (isCall(value)) return
    const found = follow(value, [part])
    if (isMiss(found)) {
      const name = path.slice(0, index + 1).join('.')
      const near = index === 0 ? didYouMean(String(part), Object.keys(properties)) : undefined
      const reason = `node '${node}', property '${name}': ${found.reason}${near === undefined ? '' : `; ${near}`}`
      reporter.add('blueprint.function_failed', place, { function: 'get_property', reason })
      return
    }
    value = found.value
  }
}
