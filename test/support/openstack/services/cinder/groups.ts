// Cinder's groups of volumes, and snapshots of a whole group at one instant.
import { accepted, badRequest, notFound, ok, type Answer } from '../../http/answer.ts'
import { param, part, textOr, texts, type Call } from '../../http/call.ts'
import type { Routes } from '../../http/routes.ts'
import type { State } from '../../model/state.ts'
import type { FakeGroup, FakeGroupSnapshot, FakeVolume } from '../../model/things.ts'
import { Broken } from '../../../../../src/testing/fake-http/work.ts'
import { isAskedFor, listed, newestFirst } from '../listing.ts'
import { addSnapshot, findVolume } from './making.ts'
import { shownGroup, shownGroupSnapshot } from './views.ts'

export function groupRoutes(routes: Routes, state: State): void {
  const since = (call: Call, minor: number): void => {
    if (call.minor < minor) throw notFound('The resource could not be found.')
  }
  routes.add('volume', 'POST /groups', (call) => {
    since(call, 13)
    return createGroup(state, call)
  })
  const list = (call: Call): Answer => {
    since(call, 13)
    const found = newestFirst(state.groups.values()).filter((group) =>
      isAskedFor(call.query, shownGroup(group), ['all_tenants', 'list_volume']),
    )
    return listed(state, call, found, { collection: 'groups', id: ({ id }) => id, show: shownGroup })
  }
  routes.add('volume', 'GET /groups', list)
  routes.add('volume', 'GET /groups/detail', list)
  routes.add('volume', 'GET /groups/:id', (call) => {
    since(call, 13)
    const group = findGroup(state, param(call, 'id'))
    const members = call.minor >= 25 && call.query.get('list_volume') === 'True'
    return ok({
      group: { ...shownGroup(group), ...(members ? { volumes: membersOf(state, group).map(({ id }) => id) } : {}) },
    })
  })
  routes.add('volume', 'PUT /groups/:id', (call) => changeGroup(state, call))
  routes.add('volume', 'POST /groups/:id/action', (call) => deleteGroup(state, call))
  routes.add('volume', 'POST /group_snapshots', (call) => {
    since(call, 14)
    return createSnapshot(state, call)
  })
  const listSnapshots = (call: Call): Answer => {
    since(call, 14)
    const found = newestFirst(state.groupSnapshots.values()).filter((one) =>
      isAskedFor(call.query, shownGroupSnapshot(one), ['all_tenants']),
    )
    return listed(state, call, found, { collection: 'group_snapshots', id: ({ id }) => id, show: shownGroupSnapshot })
  }
  routes.add('volume', 'GET /group_snapshots', listSnapshots)
  routes.add('volume', 'GET /group_snapshots/detail', listSnapshots)
  routes.add('volume', 'GET /group_snapshots/:id', (call) => {
    since(call, 14)
    return ok({ group_snapshot: shownGroupSnapshot(findGroupSnapshot(state, param(call, 'id'))) })
  })
  routes.add('volume', 'DELETE /group_snapshots/:id', (call) => deleteSnapshot(state, call))
}

function findGroup(state: State, id: string): FakeGroup {
  const group = state.groups.get(id)
  if (group) return group
  throw notFound(`Group ${id} could not be found.`)
}

function findGroupSnapshot(state: State, id: string): FakeGroupSnapshot {
  const snapshot = state.groupSnapshots.get(id)
  if (snapshot) return snapshot
  throw notFound(`GroupSnapshot ${id} could not be found.`)
}

function membersOf(state: State, group: FakeGroup): readonly FakeVolume[] {
  return [...state.volumes.values()].filter(({ groupId }) => groupId === group.id)
}

function createGroup(state: State, call: Call): Answer {
  const given = part(call.body, 'group')
  const type = textOr(given['group_type'], '')
  const known = [...state.things('group_types').values()].find(({ id, name }) => id === type || name === type)
  if (!known) throw notFound(`Group type ${type} could not be found.`)
  const types = texts(given['volume_types'])
  if (types.length === 0) throw badRequest('volume_types must be provided to create group.')
  const group: FakeGroup = {
    id: state.id(),
    name: textOr(given['name'], null),
    description: textOr(given['description'], null),
    status: 'creating',
    groupType: known.id,
    volumeTypes: types,
    createdAt: state.micros(),
    serial: state.serial(),
  }
  state.groups.set(group.id, group)
  state.work.begin(async () => {
    await state.work.step('group:creating', group.id, 'volume')
    group.status = 'available'
  })
  return accepted({ group: { id: group.id, name: group.name } })
}

function changeGroup(state: State, call: Call): Answer {
  const group = findGroup(state, param(call, 'id'))
  const given = part(call.body, 'group')
  const listOf = (name: string) =>
    textOr(given[name], '')
      .split(',')
      .filter((id) => id !== '')
  const added = listOf('add_volumes').map((id) => findVolume(state, id))
  const removed = listOf('remove_volumes').map((id) => findVolume(state, id))
  if (group.status !== 'available')
    throw badRequest(`Invalid group: Group status must be available, but is ${group.status}.`)
  for (const volume of added) {
    if (volume.groupId !== null)
      throw badRequest(
        `Invalid volume: Cannot add volume ${volume.id} to group ${group.id} because it is already in group ${volume.groupId}.`,
      )
    if (!['available', 'in-use'].includes(volume.status)) {
      throw badRequest(
        `Invalid volume: Cannot add volume ${volume.id} to group ${group.id} because volume is in an invalid state: ${volume.status}.`,
      )
    }
  }
  if ('name' in given) group.name = textOr(given['name'], null)
  group.status = 'updating'
  state.work.begin(async () => {
    await state.work.step('group:updating', group.id, 'volume')
    for (const volume of added) volume.groupId = group.id
    for (const volume of removed) volume.groupId = null
    group.status = 'available'
  })
  return accepted()
}

function deleteGroup(state: State, call: Call): Answer {
  const group = findGroup(state, param(call, 'id'))
  const given = part(call.body, 'delete')
  const members = membersOf(state, group)
  const isWithVolumes = given['delete-volumes'] === true
  if (members.length > 0 && !isWithVolumes) {
    throw badRequest(
      `Invalid group: Group ${group.id} is not empty. delete-volumes flag must be set to True to delete a group with volumes.`,
    )
  }
  group.status = 'deleting'
  state.work.begin(async () => {
    await state.work.step('group:deleting', group.id, 'volume')
    for (const { id } of members) state.volumes.delete(id)
    state.groups.delete(group.id)
  })
  return accepted()
}

function createSnapshot(state: State, call: Call): Answer {
  const given = part(call.body, 'group_snapshot')
  const group = findGroup(state, textOr(given['group_id'], ''))
  const members = membersOf(state, group)
  if (members.length === 0) throw badRequest(`Invalid group: Source group ${group.id} has no volumes.`)
  const whole: FakeGroupSnapshot = {
    id: state.id(),
    name: textOr(given['name'], null),
    description: textOr(given['description'], null),
    status: 'creating',
    groupId: group.id,
    createdAt: state.micros(),
    serial: state.serial(),
  }
  const owner = { projectId: call.who.project?.id ?? '', userId: call.who.user.id }
  // Each bears the name of the whole; none has metadata.
  const parts = members.map((volume) => ({
    volume,
    snapshot: addSnapshot(state, volume, { ...owner, name: whole.name, groupSnapshotId: whole.id }),
  }))
  state.groupSnapshots.set(whole.id, whole)
  state.work.begin(async () => {
    let status = 'available'
    try {
      await state.work.step('group_snapshot:creating', whole.id, 'volume')
      for (const { volume, snapshot } of parts) snapshot.content = volume.content
    } catch (thrown) {
      if (!(thrown instanceof Broken)) throw thrown
      status = 'error'
    }
    for (const { snapshot } of parts) snapshot.status = status
    whole.status = status
  })
  return accepted({ group_snapshot: { id: whole.id, name: whole.name } })
}

function deleteSnapshot(state: State, call: Call): Answer {
  const whole = findGroupSnapshot(state, param(call, 'id'))
  if (!['available', 'error'].includes(whole.status)) {
    throw badRequest('Invalid group snapshot: GroupSnapshot status must be available or error')
  }
  whole.status = 'deleting'
  state.work.begin(async () => {
    await state.work.step('group_snapshot:deleting', whole.id, 'volume')
    for (const { id, groupSnapshotId } of state.snapshots.values()) {
      if (groupSnapshotId === whole.id) state.snapshots.delete(id)
    }
    state.groupSnapshots.delete(whole.id)
  })
  return accepted()
}
