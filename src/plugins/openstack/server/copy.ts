// What is on record of a copy of a server: its image, the copies of its volumes in the order of their devices, and what the
// server was. By these ids alone it is found, put back and deleted.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { Receipt } from '../../contract/operation.ts'
import { copyDamaged } from '../errors.ts'
import { idOf, isVolumeCopy, type VolumeCopy } from '../volume/copy.ts'
import { isDefinition, type ServerDefinition } from './definition.ts'
import { restingStates, type RestingState } from './power.ts'

export const serverKinds = { snapshot: 'openstack.server_snapshot', backup: 'openstack.server_backup' } as const
export type ServerCopyKind = (typeof serverKinds)[keyof typeof serverKinds]

/** How a volume hung on the server. */
export interface ServerVolumeCopy {
  readonly [key: string]: Json
  readonly device: string | null
  readonly tag: string | null
  readonly isRoot: boolean
  readonly isDeletedWithServer: boolean
  readonly copy: VolumeCopy
}

export interface ServerCopy extends Receipt {
  readonly kind: ServerCopyKind
  /** For people. */
  readonly name: string
  readonly server: ServerDefinition
  /** What it did at the cut. */
  readonly power: RestingState
  /** Of its own disk; null: it boots from a volume, the first one. */
  readonly imageId: string | null
  readonly volumes: readonly ServerVolumeCopy[]
}

/** As much of it as a server is put back to. */
export type ServerDisks = Pick<ServerCopy, 'name' | 'power' | 'imageId' | 'volumes'>

/** Known from the cut on where there is an image; else it is that of the volume it boots from, or of its first one. */
export function providerIdOf(imageId: string | null, volumes: readonly ServerVolumeCopy[]): string {
  return imageId ?? (volumes[0] === undefined ? '' : idOf(volumes[0].copy))
}

export const copiesIn = ({ volumes }: Pick<ServerCopy, 'volumes'>): readonly VolumeCopy[] =>
  volumes.map(({ copy }) => copy)

/** undefined: there is none, or it is of another kind. @throws Fault `openstack.copy_damaged` when it is not complete */
export function serverCopyIn(value: Json | undefined): ServerCopy | undefined {
  if (!isJsonObject(value) || !Object.values<Json | undefined>(serverKinds).includes(value['kind'])) return undefined
  const { providerId, server, imageId, volumes, power } = value
  const isWhole =
    isDefinition(server) &&
    (imageId === null || typeof imageId === 'string') &&
    Array.isArray(volumes) &&
    (volumes as readonly Json[]).every((one) => isJsonObject(one) && isVolumeCopy((one as JsonObject)['copy'])) &&
    (restingStates as readonly (Json | undefined)[]).includes(power)
  if (!isWhole) throw copyDamaged(String(providerId), 'what the catalog recorded of it is not complete')
  return value as unknown as ServerCopy
}
