// What a node says of itself: which vCenter it lives in and as whom, which machine there it is, what that should be like.
import { isJsonObject, type JsonObject } from '../../kernel/json.ts'
import { seconds, type Duration } from '../../kernel/duration.ts'
import type { OperationContext } from '../contract/context.ts'
import { badProperty } from './errors.ts'
import { Reader } from './reader.ts'

export interface VsphereSettings {
  /** How to reach the vCenter, as written. Holds secrets. */
  readonly connectionConfig: JsonObject
  /** `server`: what the machine is to be like. */
  readonly server: Reader
  /** Its managed object id on record. */
  readonly machineId: string | undefined
  /** Stays when its id changes: as when it was registered anew. */
  readonly instanceUuid: string | undefined
  readonly name: string | undefined
  /** It was there before the deployment, and stays when that goes. */
  readonly isExternal: boolean
  /** How long a task may take. */
  readonly limit: Duration
  /** All that was given: inputs before properties. */
  readonly options: Reader
  readonly connection: Reader
}

/** Inputs win over the properties of the node. @throws Fault `vsphere.bad_property` */
export async function settingsOf(
  ctx: Pick<OperationContext, 'node' | 'instance' | 'evaluate'>,
  inputs: JsonObject = {},
): Promise<VsphereSettings> {
  const evaluated = await ctx.evaluate(ctx.node.properties)
  const properties = isJsonObject(evaluated) ? evaluated : {}
  const { runtimeProperties } = ctx.instance
  const options = new Reader({ ...filled(properties), ...filled(inputs) })
  const known = new Reader(runtimeProperties)
  const server = new Reader({ ...mapping(properties, 'server'), ...mapping(inputs, 'server') }, 'server')
  const connectionConfig = {
    ...mapping(properties, 'connection_config'),
    ...mapping(inputs, 'connection_config'),
  }
  // What was found may not be made ours by a change of the blueprint.
  const isExternal =
    known.boolean('use_external_resource') ??
    (options.boolean('use_external_resource') === true || options.boolean('use_existing_resource') === true)
  return {
    connectionConfig,
    connection: new Reader(connectionConfig, 'connection_config'),
    server,
    machineId: known.text('vsphere_server_id'),
    instanceUuid: known.text('vsphere_instance_uuid'),
    name: known.text('name') ?? nameOf(server, ctx.instance.id, isExternal),
    isExternal,
    limit: options.seconds('max_wait_time', 86_400) ?? seconds(300),
    options,
  }
}

// As in the original: instances of one node are told apart by what stands behind the last underscore of their ids. One that
// was there before has no such ending.
function nameOf(server: Reader, instanceId: string, isExternal: boolean): string | undefined {
  const name = server.text('name')
  if (name === undefined || isExternal || server.boolean('add_scale_suffix') === false) return name
  const suffix = instanceId.slice(instanceId.lastIndexOf('_') + 1)
  return suffix === '' || suffix === instanceId ? name : `${name}-${suffix}`
}

function mapping(layer: JsonObject, name: string): JsonObject {
  const value = layer[name]
  if (value === undefined || value === null || value === '') return {}
  if (!isJsonObject(value)) throw badProperty(name, 'expected a mapping')
  return filled(value)
}

function filled(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ''))
}
