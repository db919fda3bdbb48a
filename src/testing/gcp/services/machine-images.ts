// Machine images of the fake: all disks of an instance and what it is like, captured at one instant and uploaded afterwards.
import type { JsonObject } from '../../../kernel/json.ts'
import { Broken } from '../../fake-http/work.ts'
import { notReady, text } from '../http/answer.ts'
import type { Front } from '../http/front.ts'
import type { FakeMachineImage, State } from '../model/state.ts'
import { diskKey } from './disks.ts'
import { listed } from './listing.ts'

function shownImage(state: State, image: FakeMachineImage): JsonObject {
  const { id, name, status, sourceInstance, description, disks, madeAt, labels } = image
  return {
    kind: 'compute#machineImage',
    id,
    name,
    status,
    description,
    labels,
    sourceInstance: state.link(sourceInstance),
    creationTimestamp: new Date(madeAt).toISOString(),
    selfLink: state.link(`global/machineImages/${name}`),
    totalStorageBytes: String(disks.reduce((sum, { content }) => sum + content.length, 0)),
    savedDisks: disks.map(({ disk }) => ({
      sourceDisk: state.link(diskKey(sourceInstance.split('/instances/')[0] ?? '', disk)),
      storageBytes: '1',
    })),
  }
}

export function imageRoutes(front: Front, state: State, pageSize: number): void {
  front.add('GET /global/machineImages', (call) => {
    const all = [...state.machineImages.values()].filter((one) => state.isListed(one))
    return listed(
      call,
      all.map((one) => shownImage(state, one)),
      pageSize,
    )
  })
  front.add('GET /global/machineImages/:name', (call) => ({
    status: 200,
    body: shownImage(state, state.found(state.machineImages, call.params['name'] ?? '')),
  }))
  front.add('DELETE /global/machineImages/:name', (call) => {
    const name = call.params['name'] ?? ''
    return state.operation(call, { place: 'global', type: 'delete', target: `global/machineImages/${name}` }, () => {
      const image = state.found(state.machineImages, name)
      if (image.status === 'CREATING' || image.status === 'UPLOADING') throw notReady(`global/machineImages/${name}`)
      return async () => {
        await state.work.step('image:deleting', image.id)
        state.machineImages.delete(name)
      }
    })
  })
  front.add('POST /global/machineImages', (call) => {
    const { body } = call
    const target = `global/machineImages/${text(body['name']) ?? ''}`
    return state.operation(call, { place: 'global', type: 'insert', target }, () => {
      const source = (text(body['sourceInstance']) ?? '').replace(/^.*(zones\/)/, '$1')
      const instance = state.found(state.instances, source)
      state.needRoom('machineImages', state.machineImages.size)
      const name = state.newName(body, state.machineImages, (one) => one)
      return async () => {
        if (body['guestFlush'] === true && !instance.isGuestReady) {
          throw new Broken(`GUEST_FLUSH_FAILED: Guest flush failed on instance '${instance.name}'`)
        }
        state.countCopy(source)
        const { networkInterfaces, tags, metadata } = instance.shown
        const image: FakeMachineImage = {
          ...state.identity(name, 'global', body['labels']),
          status: 'CREATING',
          sourceInstance: source,
          description: text(body['description']) ?? '',
          disks: [],
          properties: JSON.parse(
            JSON.stringify({ networkInterfaces, tags, metadata, machineType: instance.machineType }),
          ) as JsonObject,
        }
        state.machineImages.set(name, image)
        try {
          await state.work.step('image:creating', image.id)
          // The instant.
          const disks = instance.disks.map((one) => {
            const disk = state.found(state.disks, diskKey(instance.place, one.disk))
            return { ...one, sizeGb: disk.sizeGb, content: disk.content }
          })
          const captured = { ...image, disks, status: 'UPLOADING' as FakeMachineImage['status'] }
          state.machineImages.set(name, captured)
          await state.work.step('image:uploading', image.id)
          captured.status = 'READY'
        } catch (thrown) {
          const now = state.machineImages.get(name)
          if (thrown instanceof Broken && now !== undefined) now.status = 'INVALID'
          throw thrown
        }
      }
    })
  })
}
