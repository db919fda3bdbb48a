// Disks and snapshots of the fake: contents are short texts, captured at the instant and uploaded afterwards.
import type { JsonObject } from '../../../kernel/json.ts'
import { Broken } from '../../fake-http/work.ts'
import { inUse, invalid, last, notFound, notReady, object, text, type Call } from '../http/answer.ts'
import type { Front } from '../http/front.ts'
import type { FakeDisk, FakeSnapshot, State } from '../model/state.ts'
import { listed } from './listing.ts'

export const diskKey = (place: string, name: string): string => `${place}/disks/${name}`

export function addDisk(
  state: State,
  place: string,
  body: JsonObject,
  made: { readonly content: string; readonly status: FakeDisk['status'] },
): FakeDisk {
  const name = state.newName(body, state.disks, (one) => diskKey(place, one))
  const { sourceSnapshot, sourceImage, sourceMachineImage, description } = body
  const disk: FakeDisk = {
    ...state.identity(name, place, body['labels']),
    sizeGb: Number(body['sizeGb'] ?? 10),
    type: text(body['type']) ?? state.link(`${place}/diskTypes/pd-standard`),
    ...made,
    users: new Set(),
    shown: JSON.parse(JSON.stringify({ description, sourceSnapshot, sourceImage, sourceMachineImage })) as JsonObject,
  }
  state.disks.set(diskKey(place, name), disk)
  return disk
}

export function shownDisk(state: State, disk: FakeDisk): JsonObject {
  return {
    kind: 'compute#disk',
    ...disk.shown,
    id: disk.id,
    name: disk.name,
    creationTimestamp: new Date(disk.madeAt).toISOString(),
    zone: state.link(disk.place),
    status: disk.status,
    sizeGb: String(disk.sizeGb),
    type: disk.type,
    selfLink: state.link(diskKey(disk.place, disk.name)),
    labels: disk.labels,
    labelFingerprint: disk.labelFingerprint,
    users: [...disk.users].map((key) => state.link(key)),
  }
}

function shownSnapshot(state: State, snapshot: FakeSnapshot): JsonObject {
  const { id, name, status, sourceDisk, sourceDiskId, sizeGb, labels, description, madeAt, content } = snapshot
  return {
    kind: 'compute#snapshot',
    id,
    name,
    status,
    description,
    sourceDisk: state.link(sourceDisk),
    sourceDiskId,
    diskSizeGb: String(sizeGb),
    storageBytes: String(content.length),
    labels,
    creationTimestamp: new Date(madeAt).toISOString(),
    selfLink: state.link(`global/snapshots/${name}`),
  }
}

export function diskRoutes(front: Front, state: State, pageSize: number): void {
  const disks = (call: Call): string => `zones/${call.params['zone']}`
  const diskOf = (call: Call): FakeDisk => state.found(state.disks, diskKey(disks(call), call.params['name'] ?? ''))

  front.add('GET /zones/:zone/disks', (call) => {
    const all = [...state.disks.values()].filter((disk) => disk.place === disks(call) && state.isListed(disk))
    return listed(
      call,
      all.map((disk) => shownDisk(state, disk)),
      pageSize,
    )
  })
  front.add('GET /zones/:zone/disks/:name', (call) => ({ status: 200, body: shownDisk(state, diskOf(call)) }))
  front.add('POST /zones/:zone/disks', (call) => {
    const { body } = call
    const place = disks(call)
    const target = diskKey(place, text(body['name']) ?? '')
    return state.operation(call, { place, type: 'insert', target }, () => {
      state.needRoom('disks', state.disks.size)
      const source = sourceOf(state, call)
      const size = Number(body['sizeGb'] ?? source.sizeGb)
      if (size < source.sizeGb)
        throw invalid(`Requested disk size cannot be smaller than the source (${source.sizeGb} GB)`)
      const disk = addDisk(state, place, { ...body, sizeGb: size }, { content: source.content, status: 'CREATING' })
      return async () => {
        try {
          await state.work.step('disk:creating', disk.id)
        } catch (thrown) {
          if (thrown instanceof Broken) state.disks.delete(diskKey(place, disk.name))
          throw thrown
        }
        disk.status = 'READY'
      }
    })
  })
  front.add('DELETE /zones/:zone/disks/:name', (call) => {
    const target = diskKey(disks(call), call.params['name'] ?? '')
    return state.operation(call, { place: disks(call), type: 'delete', target }, () => {
      const disk = diskOf(call)
      const [user] = disk.users
      if (user !== undefined) throw inUse('disk', user)
      return async () => {
        await state.work.step('disk:deleting', disk.id)
        state.disks.delete(target)
      }
    })
  })
  front.add('POST /zones/:zone/disks/:name/resize', (call) => {
    const target = diskKey(disks(call), call.params['name'] ?? '')
    return state.operation(call, { place: disks(call), type: 'resizeDisk', target }, () => {
      const disk = diskOf(call)
      const size = Number(call.body['sizeGb'])
      if (!(size > disk.sizeGb)) throw invalid('The new size must be larger than the present one')
      return async () => {
        await state.work.step('disk:resizing', disk.id)
        disk.sizeGb = size
      }
    })
  })
  front.add('POST /zones/:zone/disks/:name/setLabels', (call) => {
    const target = diskKey(disks(call), call.params['name'] ?? '')
    return state.operation(call, { place: disks(call), type: 'setLabels', target }, () => {
      const disk = diskOf(call)
      disk.labels = { ...object(call.body['labels']) } as Record<string, string>
      return async () => {}
    })
  })
  front.add('POST /zones/:zone/disks/:name/createSnapshot', (call) => {
    const place = disks(call)
    const target = diskKey(place, call.params['name'] ?? '')
    return state.operation(call, { place, type: 'createSnapshot', target }, () => {
      const disk = diskOf(call)
      if (disk.status !== 'READY') throw notReady(target)
      state.needRoom('snapshots', state.snapshots.size)
      const name = state.newName(call.body, state.snapshots, (one) => one)
      const isFlushed = call.query.get('guestFlush') === 'true'
      return async () => {
        if (isFlushed) requireFlush(state, disk)
        state.countCopy(target)
        const snapshot: FakeSnapshot = {
          ...state.identity(name, 'global', call.body['labels']),
          status: 'CREATING',
          sourceDisk: target,
          sourceDiskId: disk.id,
          sizeGb: disk.sizeGb,
          description: text(call.body['description']) ?? '',
          isFlushed,
          content: '',
        }
        state.snapshots.set(name, snapshot)
        try {
          await state.work.step('snapshot:creating', snapshot.id)
          // The instant.
          snapshot.content = disk.content
          snapshot.status = 'UPLOADING'
          await state.work.step('snapshot:uploading', snapshot.id)
          snapshot.status = 'READY'
        } catch (thrown) {
          if (thrown instanceof Broken) snapshot.status = 'FAILED'
          throw thrown
        }
      }
    })
  })

  front.add('GET /global/snapshots', (call) => {
    const all = [...state.snapshots.values()].filter((one) => state.isListed(one))
    return listed(
      call,
      all.map((one) => shownSnapshot(state, one)),
      pageSize,
    )
  })
  front.add('GET /global/snapshots/:name', (call) => ({
    status: 200,
    body: shownSnapshot(state, state.found(state.snapshots, call.params['name'] ?? '')),
  }))
  front.add('DELETE /global/snapshots/:name', (call) => {
    const name = call.params['name'] ?? ''
    return state.operation(call, { place: 'global', type: 'delete', target: `global/snapshots/${name}` }, () => {
      const snapshot = state.found(state.snapshots, name)
      if (snapshot.status === 'CREATING' || snapshot.status === 'UPLOADING') throw notReady(`global/snapshots/${name}`)
      return async () => {
        await state.work.step('snapshot:deleting', snapshot.id)
        state.snapshots.delete(name)
      }
    })
  })
}

// A guest whose agent does not answer makes the copy fail.
function requireFlush(state: State, disk: FakeDisk): void {
  for (const user of disk.users) {
    const instance = state.instances.get(user)
    if (instance?.status === 'RUNNING' && !instance.isGuestReady) {
      throw new Broken(`GUEST_FLUSH_FAILED: Guest flush failed on instance '${instance.name}': agent did not respond`)
    }
  }
}

function sourceOf(state: State, { body, version }: Call): { readonly content: string; readonly sizeGb: number } {
  const snapshotName = text(body['sourceSnapshot'])
  const machineImage = text(body['sourceMachineImage'])
  const image = text(body['sourceImage'])
  if (machineImage !== undefined) {
    if (version !== 'beta') throw invalid(`Invalid JSON payload received. Unknown name "sourceMachineImage"`)
    const found = state.found(state.machineImages, last(machineImage))
    if (found.status !== 'READY') throw notReady(`global/machineImages/${found.name}`)
    const wanted = text(body['sourceMachineImageDiskDeviceName'])
    const disk = found.disks.find(({ deviceName }) => deviceName === wanted)
    if (disk === undefined) throw notFound(`${found.name}/${wanted}`)
    return disk
  }
  if (snapshotName !== undefined) {
    const found = state.found(state.snapshots, last(snapshotName))
    if (found.status !== 'READY') throw notReady(`global/snapshots/${found.name}`)
    return found
  }
  return { content: image === undefined ? '' : `image ${last(image)}`, sizeGb: 10 }
}
