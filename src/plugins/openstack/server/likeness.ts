// The same server once more: what Nova is asked for, so that another one is like the one that was defined.
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { ServerDefinition } from './definition.ts'

/** What a new server differs in. */
export interface Unlike {
  readonly metadata: Readonly<Record<string, string>>
  /** Encoded, as Nova has it. */
  readonly userData: string | null
  /** Default: its own ports. */
  readonly networks?: Json
}

export interface ServerRequest extends JsonObject {
  readonly server: JsonObject
}

/** `source`: what it boots from. */
export function serverBody(
  definition: ServerDefinition,
  source: JsonObject,
  { metadata, userData, networks }: Unlike,
): ServerRequest {
  const { name, flavorId, keyName, zone, tags, description, hasConfigDrive, groupId, ports } = definition
  return {
    server: {
      name,
      flavorRef: flavorId,
      metadata,
      networks: networks ?? (ports.length === 0 ? 'none' : ports.map(({ id }) => ({ port: id }))),
      ...source,
      ...(keyName === null ? {} : { key_name: keyName }),
      ...(zone === null ? {} : { availability_zone: zone }),
      ...(tags.length === 0 ? {} : { tags }),
      ...(description === null ? {} : { description }),
      ...(hasConfigDrive ? { config_drive: true } : {}),
      ...(userData === null || userData === '' ? {} : { user_data: userData }),
    },
    ...(groupId === null ? {} : { 'os:scheduler_hints': { group: groupId } }),
  }
}

/** It outlives the server. */
export function bootFrom(volumeId: string): JsonObject {
  const disk = { boot_index: 0, uuid: volumeId, source_type: 'volume', destination_type: 'volume' }
  return { block_device_mapping_v2: [{ ...disk, delete_on_termination: false }] }
}
