// What a node says of itself: which hypervisor it lives on, what it is called there, what it should be like.
import { isJsonObject, type JsonObject } from '../../kernel/json.ts'
import type { OperationContext, Subject } from '../contract/context.ts'
import { Reader } from './reader.ts'

export interface LibvirtSettings {
  /** As libvirt writes it: `qemu+ssh://root@host/system`. */
  readonly uri: string
  /** The object's name at the hypervisor; undefined: it was not created. */
  readonly resourceId: string | undefined
  readonly backupDir: string
  readonly params: JsonObject
  /** It was there before the deployment, and stays when that goes. */
  readonly isExternal: boolean
  /** All that was given: inputs before properties. For whoever knows a property of their own. */
  readonly options: Reader
}

/**
 * Inputs win over what is known of the instance, that over the properties of its node. `params` are merged in that order.
 *
 * @throws Fault `libvirt.bad_property`
 */
export async function settingsOf(
  ctx: Pick<OperationContext, 'node' | 'instance' | 'evaluate'>,
  inputs: JsonObject = {},
): Promise<LibvirtSettings> {
  const evaluated = await ctx.evaluate(ctx.node.properties)
  return settingsFrom(isJsonObject(evaluated) ? evaluated : {}, ctx.instance.runtimeProperties, inputs)
}

/** Of the other end of a relationship: what is known of it without evaluating its properties anew. */
export function settingsOfSubject({ node, instance }: Pick<Subject, 'node' | 'instance'>): LibvirtSettings {
  return settingsFrom(node.properties, instance.runtimeProperties, {})
}

function settingsFrom(properties: JsonObject, runtime: JsonObject, inputs: JsonObject): LibvirtSettings {
  const layers = [properties, runtime, inputs].map(withoutEmpty)
  const known = new Reader(Object.assign({}, ...layers) as JsonObject)
  const params = layers.map((layer) => withoutEmpty({ ...mapping(layer['params']) }))
  return {
    uri: known.text('libvirt_auth') ?? 'qemu:///system',
    resourceId: known.text('resource_id'),
    backupDir: known.text('backup_dir') ?? './',
    params: Object.assign({}, ...params) as JsonObject,
    isExternal: known.boolean('use_external_resource') ?? false,
    options: new Reader({ ...layers[0], ...layers[2] }),
  }
}

// `params` that are no mapping are refused by whoever reads them through `options`.
function mapping(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {}
}

function withoutEmpty(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ''))
}
