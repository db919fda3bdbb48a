// What a node says of itself: which cloud it lives in and as whom, which thing there it is, what that should be like.
// Both generations of the original's properties are understood.
import { isJsonObject, type JsonObject } from '../../kernel/json.ts'
import type { OperationContext, Subject } from '../contract/context.ts'
import { badProperty } from './errors.ts'
import { Reader } from './reader.ts'

export interface OpenstackSettings {
  /** How to reach the cloud, as written: `client_config` with the older `openstack_config` below it. Holds secrets. */
  readonly clientConfig: JsonObject
  /** What the thing is to be like: `resource_config`, and what older types say under their own name (`server`, `volume`). */
  readonly resource: JsonObject
  /** In the cloud; undefined: it was not created, and the blueprint names none. */
  readonly resourceId: string | undefined
  readonly resourceName: string | undefined
  /** It was there before the deployment, and stays when that goes. */
  readonly isExternal: boolean
  /** Of an external one: makes it when there is none. */
  readonly isCreatedIfMissing: boolean
  /** Of a type of the older generation. */
  readonly isCompact: boolean
  /** All that was given: inputs before properties. For whoever knows a property of their own. */
  readonly options: Reader
}

/**
 * Inputs win over what is known of the instance, that over the properties of its node. Mappings are merged in that order.
 *
 * @throws Fault `openstack.bad_property`
 */
export async function settingsOf(
  ctx: Pick<OperationContext, 'node' | 'instance' | 'evaluate'>,
  inputs: JsonObject = {},
): Promise<OpenstackSettings> {
  const evaluated = await ctx.evaluate(ctx.node.properties)
  return settingsFrom(ctx, isJsonObject(evaluated) ? evaluated : {}, inputs)
}

/** Of the other end of a relationship, or of a host: what is known of it without evaluating its properties anew. */
export function settingsOfSubject({ node, instance }: Pick<Subject, 'node' | 'instance'>): OpenstackSettings {
  return settingsFrom({ node, instance }, node.properties, {})
}

/** Where the older types keep what the newer ones call `resource_config`. */
const compactNames: Readonly<Record<string, string>> = {
  Server: 'server',
  WindowsServer: 'server',
  Volume: 'volume',
  Network: 'network',
  Subnet: 'subnet',
  Port: 'port',
  Router: 'router',
  FloatingIP: 'floatingip',
  SecurityGroup: 'security_group',
  RBACPolicy: 'rbac_policy',
  ServerGroup: 'server_group',
  KeyPair: 'keypair',
  HostAggregate: 'aggregate',
  Image: 'image',
  Flavor: 'flavor',
  User: 'user',
  Project: 'project',
}

function settingsFrom(
  { node, instance: { runtimeProperties } }: Pick<Subject, 'node' | 'instance'>,
  properties: JsonObject,
  inputs: JsonObject,
): OpenstackSettings {
  const layers: readonly JsonObject[] = [properties, runtimeProperties, inputs]
  const options = new Reader({ ...filled(properties), ...filled(inputs) })
  const compactName = compactNameOf(node.typeHierarchy)
  const isExternal = options.boolean('use_external_resource') ?? false
  const named = options.text('resource_id')
  const resource = mergedMappings([
    // Of an external thing it may as well be the id.
    compactName === undefined || isExternal || named === undefined ? {} : { name: named },
    // Under the same name the instance keeps what the cloud answered.
    ...(compactName === undefined ? [] : [properties, inputs].map((layer) => mapping(layer, compactName))),
    ...layers.map((layer) => mapping(layer, 'resource_config')),
  ])
  const known = new Reader(runtimeProperties)
  const wanted = new Reader(resource, 'resource_config')
  return {
    clientConfig: mergedMappings([
      ...layers.map((layer) => mapping(layer, 'openstack_config')),
      ...layers.map((layer) => mapping(layer, 'client_config')),
    ]),
    resource: withoutKwargs(resource),
    resourceId: known.text('id') ?? known.text('external_id') ?? wanted.text('id'),
    resourceName: known.text('name') ?? known.text('external_name') ?? wanted.text('name') ?? named,
    isExternal,
    isCreatedIfMissing: options.boolean('create_if_missing') ?? false,
    isCompact: options.boolean('use_compact_node') ?? compactName !== undefined,
    options,
  }
}

function compactNameOf(typeHierarchy: readonly string[]): string | undefined {
  const types = typeHierarchy.map((type) => /^cloudify\.openstack\.(?:\w+\.)?nodes\.(\w+)$/.exec(type)?.[1] ?? '')
  return types.map((type) => compactNames[type]).findLast((name) => name !== undefined)
}

function mapping(layer: JsonObject, name: string): JsonObject {
  const value = layer[name]
  if (value === undefined || value === null || value === '') return {}
  if (!isJsonObject(value)) throw badProperty(name, 'expected a mapping')
  return value
}

/** Later ones win, each key as a whole. What is empty wins over nothing. */
function mergedMappings(mappings: readonly JsonObject[]): JsonObject {
  return Object.assign({}, ...mappings.map(filled)) as JsonObject
}

// Keys that the plugin does not know are handed on under `kwargs`; they win, as they did in the originals.
function withoutKwargs({ kwargs, ...rest }: JsonObject): JsonObject {
  return isJsonObject(kwargs) ? mergedMappings([rest, kwargs]) : rest
}

function filled(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ''))
}
