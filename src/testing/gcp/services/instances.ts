// Instances of the fake: what they do, and what they have attached.
import type { JsonObject } from '../../../kernel/json.ts'
import { Broken } from '../../fake-http/work.ts'
import {
  inUse,
  invalid,
  last,
  notReady,
  object,
  objects,
  Refusal,
  text,
  type Answer,
  type Call,
} from '../http/answer.ts'
import type { Front } from '../http/front.ts'
import type { Attached, FakeInstance, State } from '../model/state.ts'
import { addDisk, diskKey } from './disks.ts'
import { listed } from './listing.ts'

export const instanceKey = (place: string, name: string): string => `${place}/instances/${name}`

export function attach(state: State, instance: FakeInstance, one: Attached): void {
  const disk = state.found(state.disks, diskKey(instance.place, one.disk))
  const [user] = disk.users
  if (user !== undefined) throw inUse('disk', user)
  if (instance.disks.some(({ deviceName }) => deviceName === one.deviceName)) {
    throw invalid(`The device name '${one.deviceName}' is already in use`)
  }
  if (one.boot && instance.disks.some(({ boot }) => boot)) throw invalid('There is a boot disk already')
  disk.users.add(instanceKey(instance.place, instance.name))
  if (one.boot) instance.disks.unshift(one)
  else instance.disks.push(one)
}

function shownInstance(state: State, instance: FakeInstance): JsonObject {
  const { shown, place, id, name, status, machineType, disks, labels, labelFingerprint, madeAt } = instance
  return {
    kind: 'compute#instance',
    ...shown,
    id,
    name,
    status,
    machineType,
    zone: state.link(place),
    selfLink: state.link(instanceKey(place, name)),
    creationTimestamp: new Date(madeAt).toISOString(),
    labels,
    labelFingerprint,
    disks: disks.map((one, index) => ({
      kind: 'compute#attachedDisk',
      type: 'PERSISTENT',
      index,
      mode: one.mode,
      source: state.link(diskKey(place, one.disk)),
      deviceName: one.deviceName,
      boot: one.boot,
      autoDelete: one.autoDelete,
      diskSizeGb: String(state.disks.get(diskKey(place, one.disk))?.sizeGb ?? 0),
    })),
  }
}

export function newInstance(state: State, place: string, body: JsonObject): FakeInstance {
  state.needRoom('instances', state.instances.size)
  const name = state.newName(body, state.instances, (one) => instanceKey(place, one))
  const serial = state.instances.size + 2
  const given = objects(body['networkInterfaces'])
  const interfaces = (given.length > 0 ? given : [{ network: state.link('global/networks/default') }]).map(
    (one, index) => ({
      name: `nic${index}`,
      ...one,
      networkIP: text(one['networkIP']) ?? `10.0.${index}.${serial}`,
      ...(objects(one['accessConfigs']).length === 0
        ? {}
        : { accessConfigs: [{ type: 'ONE_TO_ONE_NAT', name: 'External NAT', natIP: `203.0.113.${serial}` }] }),
    }),
  )
  const instance: FakeInstance = {
    ...state.identity(name, place, body['labels']),
    status: 'PROVISIONING',
    machineType: text(body['machineType']) ?? state.link(`${place}/machineTypes/e2-medium`),
    disks: [],
    boots: 0,
    isGuestReady: true,
    shown: {
      networkInterfaces: interfaces,
      tags: { items: [], fingerprint: 't1', ...object(body['tags']) },
      metadata: { items: [], fingerprint: 'm1', ...object(body['metadata']) },
      ...(text(body['description']) === undefined ? {} : { description: body['description'] ?? '' }),
    },
  }
  state.instances.set(instanceKey(place, name), instance)
  return instance
}

interface Moving {
  readonly from: readonly FakeInstance['status'][]
  readonly over: FakeInstance['status']
  readonly to: FakeInstance['status']
}

const moves: Readonly<Record<string, Moving>> = {
  stop: { from: ['RUNNING', 'TERMINATED'], over: 'STOPPING', to: 'TERMINATED' },
  start: { from: ['TERMINATED', 'RUNNING'], over: 'STAGING', to: 'RUNNING' },
  suspend: { from: ['RUNNING'], over: 'SUSPENDING', to: 'SUSPENDED' },
  resume: { from: ['SUSPENDED'], over: 'PROVISIONING', to: 'RUNNING' },
}

export function instanceRoutes(front: Front, state: State, pageSize: number): void {
  const place = (call: Call): string => `zones/${call.params['zone']}`
  const keyOf = (call: Call): string => instanceKey(place(call), call.params['name'] ?? '')
  const found = (call: Call): FakeInstance => state.found(state.instances, keyOf(call))
  const change = (call: Call, type: string, begin: (instance: FakeInstance) => () => Promise<void>): Answer =>
    state.operation(call, { place: place(call), type, target: keyOf(call) }, () => begin(found(call)))

  front.add('GET /zones/:zone/instances', (call) => {
    const all = [...state.instances.values()].filter((one) => one.place === place(call) && state.isListed(one))
    return listed(
      call,
      all.map((one) => shownInstance(state, one)),
      pageSize,
    )
  })
  front.add('GET /zones/:zone/instances/:name', (call) => ({ status: 200, body: shownInstance(state, found(call)) }))
  front.add('GET /zones/:zone/machineTypes/:name', (call) => ({
    status: 200,
    body: { name: call.params['name'] ?? '', guestCpus: 2, memoryMb: 4096 },
  }))
  front.add('POST /zones/:zone/instances', (call) => inserted(state, call, place(call)))
  front.add('DELETE /zones/:zone/instances/:name', (call) =>
    change(call, 'delete', (instance) => async () => {
      instance.status = 'STOPPING'
      await state.work.step('instance:deleting', instance.id)
      for (const one of instance.disks) {
        const key = diskKey(instance.place, one.disk)
        state.disks.get(key)?.users.delete(keyOf(call))
        if (one.autoDelete) state.disks.delete(key)
      }
      state.instances.delete(keyOf(call))
    }),
  )
  for (const [action, { from, over, to }] of Object.entries(moves)) {
    front.add(`POST /zones/:zone/instances/:name/${action}`, (call) =>
      change(call, action, (instance) => {
        if (!from.includes(instance.status)) {
          throw invalid(`Instance '${instance.name}' cannot ${action}: it is ${instance.status}`)
        }
        if (action === 'start' && !instance.disks.some(({ boot }) => boot)) throw invalid('There is no boot disk')
        const before = instance.status
        if (before === to) return async () => {}
        instance.status = over
        return async () => {
          try {
            await state.work.step(`instance:${over.toLowerCase()}`, instance.id)
          } catch (thrown) {
            if (thrown instanceof Broken) instance.status = before
            throw thrown
          }
          instance.status = to
          if (action === 'start') instance.boots += 1
        }
      }),
    )
  }
  front.add('POST /zones/:zone/instances/:name/attachDisk', (call) =>
    change(call, 'attachDisk', (instance) => {
      const { body } = call
      const one: Attached = {
        disk: last(text(body['source']) ?? ''),
        deviceName: text(body['deviceName']) ?? `persistent-disk-${instance.disks.length}`,
        boot: body['boot'] === true,
        autoDelete: body['autoDelete'] === true,
        mode: text(body['mode']) ?? 'READ_WRITE',
      }
      if (one.boot && instance.status !== 'TERMINATED')
        throw invalid('A boot disk is attached to stopped instances only')
      return async () => {
        await state.work.step('disk:attaching', instance.id)
        attach(state, instance, one)
      }
    }),
  )
  front.add('POST /zones/:zone/instances/:name/detachDisk', (call) =>
    change(call, 'detachDisk', (instance) => {
      const deviceName = call.query.get('deviceName')
      const one = instance.disks.find((disk) => disk.deviceName === deviceName)
      if (one === undefined) throw invalid(`No attached disk found with device name '${deviceName}'`)
      if (one.boot && instance.status !== 'TERMINATED') throw invalid('The boot disk of a running instance stays')
      return async () => {
        await state.work.step('disk:detaching', instance.id)
        instance.disks = instance.disks.filter((disk) => disk !== one)
        state.disks.get(diskKey(instance.place, one.disk))?.users.delete(keyOf(call))
      }
    }),
  )
  front.add('POST /zones/:zone/instances/:name/setDiskAutoDelete', (call) =>
    change(call, 'setDiskAutoDelete', (instance) => {
      const one = instance.disks.find(({ deviceName }) => deviceName === call.query.get('deviceName'))
      if (one === undefined) throw invalid('No attached disk found')
      one.autoDelete = call.query.get('autoDelete') === 'true'
      return async () => {}
    }),
  )
  front.add('POST /zones/:zone/instances/:name/setMachineType', (call) =>
    change(call, 'setMachineType', (instance) => {
      if (instance.status !== 'TERMINATED') throw invalid('The instance must be stopped')
      instance.machineType = state.link(text(call.body['machineType']) ?? '')
      return async () => {}
    }),
  )
  for (const [action, name] of [
    ['setTags', 'tags'],
    ['setMetadata', 'metadata'],
  ] as const) {
    front.add(`POST /zones/:zone/instances/:name/${action}`, (call) =>
      change(call, action, (instance) => {
        const { fingerprint } = object(instance.shown[name])
        if (call.body['fingerprint'] !== fingerprint)
          throw new Refusal(412, 'conditionNotMet', 'Labels fingerprint invalid')
        instance.shown = { ...instance.shown, [name]: { ...call.body, fingerprint: `${String(fingerprint)}+` } }
        return async () => {}
      }),
    )
  }
  front.add('POST /zones/:zone/instances/:name/addAccessConfig', (call) =>
    change(call, 'addAccessConfig', (instance) => {
      setAccess(instance, call, [{ natIP: '203.0.113.200', ...call.body }])
      return async () => {}
    }),
  )
  front.add('POST /zones/:zone/instances/:name/deleteAccessConfig', (call) =>
    change(call, 'deleteAccessConfig', (instance) => {
      setAccess(instance, call, [])
      return async () => {}
    }),
  )
}

function setAccess(instance: FakeInstance, call: Call, accessConfigs: readonly JsonObject[]): void {
  const interfaces = objects(instance.shown['networkInterfaces']).map((one) =>
    one['name'] === call.query.get('networkInterface') ? { ...one, accessConfigs: [...accessConfigs] } : one,
  )
  instance.shown = { ...instance.shown, networkInterfaces: interfaces }
}

function inserted(state: State, call: Call, place: string): Answer {
  const { body } = call
  const target = instanceKey(place, text(body['name']) ?? '')
  return state.operation(call, { place, type: 'insert', target }, () => {
    const source = text(call.query.get('sourceMachineImage') ?? undefined)
    const image = source === undefined ? undefined : state.found(state.machineImages, last(source))
    if (image !== undefined && image.status !== 'READY') throw notReady(`global/machineImages/${image.name}`)
    const given = objects(body['disks'])
    if (image === undefined && given.length === 0) throw invalid('At least one disk is needed')
    const instance = newInstance(state, place, { ...image?.properties, ...body })
    for (const [index, one] of (image?.disks ?? []).entries()) {
      const name = index === 0 ? instance.name : `${instance.name}-${index}`
      const made = { content: one.content, status: 'READY' } as const
      const disk = addDisk(state, place, { name, sizeGb: one.sizeGb }, made)
      attach(state, instance, { ...one, disk: disk.name })
    }
    for (const [index, one] of (image === undefined ? given : []).entries()) {
      const fresh = object(one['initializeParams'])
      const own = text(one['source'])
      const name = text(fresh['diskName']) ?? (index === 0 ? instance.name : `${instance.name}-${index}`)
      const content = `image ${last(text(fresh['sourceImage']) ?? 'none')}`
      if (own === undefined) {
        const made = { content, status: 'READY' } as const
        addDisk(state, place, { name, sizeGb: Number(fresh['diskSizeGb'] ?? 10), labels: fresh['labels'] ?? {} }, made)
      }
      attach(state, instance, {
        disk: own === undefined ? name : last(own),
        deviceName: text(one['deviceName']) ?? `persistent-disk-${index}`,
        boot: one['boot'] === true,
        autoDelete: one['autoDelete'] === true,
        mode: text(one['mode']) ?? 'READ_WRITE',
      })
    }
    return async () => {
      try {
        await state.work.step('instance:provisioning', instance.id)
      } catch (thrown) {
        if (thrown instanceof Broken) {
          for (const one of instance.disks) state.disks.get(diskKey(place, one.disk))?.users.delete(target)
          state.instances.delete(target)
        }
        throw thrown
      }
      instance.status = 'RUNNING'
      instance.boots += 1
    }
  })
}
