// Volumes that a server comes with: those it boots from, made of images and snapshots where it is asked for, and what
// becomes of them when it goes.
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { badRequest } from '../../http/answer.ts'
import { objects, textOr, type Call } from '../../http/call.ts'
import type { FakeServer } from '../../model/server.ts'
import type { State } from '../../model/state.ts'
import type { FakeVolume } from '../../model/things.ts'
import { Broken } from '../../../../../src/testing/fake-http/work.ts'
import { findImage } from '../image.ts'
import { addVolume, fillVolume, findSnapshot, findVolume, type NewVolume } from '../cinder/making.ts'

export interface AskedVolume {
  readonly bootIndex: number | null
  readonly destination: string
  readonly deleteOnTermination: boolean
  readonly device: string | undefined
  readonly tag: string | null
  readonly volume: FakeVolume | undefined
  /** Made when there is none yet. */
  readonly made: NewVolume | undefined
}

/** @throws Refusal of what cannot be attached */
export function askedVolumes(state: State, call: Call, given: JsonObject): readonly AskedVolume[] {
  return objects(given['block_device_mapping_v2']).map((one) => {
    const source = textOr(one['source_type'], 'volume')
    const destination = textOr(one['destination_type'], source === 'volume' ? 'volume' : 'local')
    const uuid = textOr(one['uuid'], '')
    const volume = source === 'volume' ? existing(state, uuid) : undefined
    const owner = { projectId: call.who.project?.id ?? '', userId: call.who.user.id, name: '' }
    const size = Number(one['volume_size'] ?? 1)
    const made: Readonly<Record<string, () => NewVolume>> = {
      image: () => ({ ...owner, size, image: findImage(state, uuid) }),
      snapshot: () => ({ ...owner, size: findSnapshot(state, uuid).size, snapshot: findSnapshot(state, uuid) }),
      blank: () => ({ ...owner, size }),
    }
    return {
      // A number, also as text.
      bootIndex: one['boot_index'] === undefined || one['boot_index'] === null ? null : Number(one['boot_index']),
      destination,
      deleteOnTermination: one['delete_on_termination'] === true,
      device: textOr(one['device_name'], undefined),
      tag: textOr(one['tag'], null),
      volume,
      made: destination === 'volume' ? made[source]?.() : undefined,
    }
  })
}

function existing(state: State, id: string): FakeVolume {
  const volume = state.volumes.get(id)
  if (!volume) throw badRequest(`Block Device Mapping is Invalid: failed to get volume ${id}.`)
  if (volume.status !== 'available') {
    throw badRequest(`Invalid volume: status must be 'available'. Currently in '${volume.status}'`)
  }
  return volume
}

export async function attachAsked(state: State, server: FakeServer, asked: readonly AskedVolume[]): Promise<void> {
  for (const one of asked) {
    if (one.destination !== 'volume') continue
    const volume = one.volume ?? (await makeNow(state, one.made))
    // Someone else may have taken it, or deleted it, since it was asked for.
    if (!state.volumes.has(volume.id) || volume.status !== 'available') {
      throw new Broken(`Build of instance ${server.id} aborted: Volume ${volume.id} did not finish being created.`)
    }
    connect(state, server, volume, one)
  }
}

async function makeNow(state: State, made: NewVolume | undefined): Promise<FakeVolume> {
  if (!made) throw new Broken('nothing to boot from')
  const volume = addVolume(state, made)
  await fillVolume(state, volume, made)
  return volume
}

/** Both sides know of it from now on. */
export function connect(
  state: State,
  server: FakeServer,
  volume: FakeVolume,
  how: Pick<AskedVolume, 'bootIndex' | 'deleteOnTermination' | 'tag'>,
): void {
  const attachment = {
    id: state.id(),
    bdmId: state.id(),
    volumeId: volume.id,
    serverId: server.id,
    device: how.bootIndex === 0 ? '/dev/vda' : server.nextDevice(),
    tag: how.tag,
    bootIndex: how.bootIndex,
    deleteOnTermination: how.deleteOnTermination,
    attachedAt: state.micros(),
  }
  server.attachments.push(attachment)
  volume.attachments.push(attachment)
  volume.status = 'in-use'
}

export function disconnect(server: FakeServer, volume: FakeVolume): void {
  const drop = <Item extends { readonly serverId: string; readonly volumeId: string }>(list: Item[]): void => {
    const index = list.findIndex(({ serverId, volumeId }) => serverId === server.id && volumeId === volume.id)
    if (index >= 0) list.splice(index, 1)
  }
  drop(server.attachments)
  drop(volume.attachments)
  if (volume.attachments.length === 0) volume.status = 'available'
}

/** Those that go with the server are gone with it. */
export function detachAll(state: State, server: FakeServer): void {
  for (const { volumeId, deleteOnTermination } of server.attachments.slice()) {
    const volume = findVolume(state, volumeId)
    disconnect(server, volume)
    const hasSnapshots = [...state.snapshots.values()].some((one) => one.volumeId === volumeId)
    // Cinder refuses to, and Nova only writes it down.
    if (deleteOnTermination && !hasSnapshots && volume.groupId === null) state.volumes.delete(volumeId)
  }
}
