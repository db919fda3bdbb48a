// Cinder's snapshots, of single volumes.
import { accepted, badRequest, forbidden, ok, type Answer } from '../../http/answer.ts'
import { metadata, param, part, textOr, type Call } from '../../http/call.ts'
import type { Routes } from '../../http/routes.ts'
import type { State } from '../../model/state.ts'
import { hasMetadata, isAskedFor, listed, metadataAsked, newestFirst } from '../listing.ts'
import { addSnapshot, fillSnapshot, findSnapshot, findVolume, deleteLater } from './making.ts'
import { shownSnapshot } from './views.ts'

export function snapshotRoutes(routes: Routes, state: State): void {
  routes.add('volume', 'POST /snapshots', (call) => create(state, call))
  const list = (call: Call): Answer => {
    // Below 3.22 the filter is not looked at: everything comes back.
    const asked = call.minor >= 22 ? metadataAsked(call.query.get('metadata')) : {}
    const found = newestFirst(state.snapshots.values()).filter(
      (snapshot) =>
        isAskedFor(call.query, shownSnapshot(snapshot, 99), ['metadata', 'all_tenants']) &&
        hasMetadata(snapshot.metadata, asked),
    )
    return listed(state, call, found, {
      collection: 'snapshots',
      id: ({ id }) => id,
      show: (snapshot) => shownSnapshot(snapshot, call.minor),
    })
  }
  routes.add('volume', 'GET /snapshots', list)
  routes.add('volume', 'GET /snapshots/detail', list)
  routes.add('volume', 'GET /snapshots/:id', (call) =>
    ok({ snapshot: shownSnapshot(findSnapshot(state, param(call, 'id')), call.minor) }),
  )
  routes.add('volume', 'PUT /snapshots/:id', (call) => {
    const snapshot = findSnapshot(state, param(call, 'id'))
    const given = part(call.body, 'snapshot')
    if ('name' in given) snapshot.name = textOr(given['name'], null)
    if ('description' in given) snapshot.description = textOr(given['description'], null)
    return ok({ snapshot: shownSnapshot(snapshot, call.minor) })
  })
  routes.add('volume', 'POST /snapshots/:id/metadata', (call) => {
    const snapshot = findSnapshot(state, param(call, 'id'))
    Object.assign(snapshot.metadata, metadata(call.body['metadata']))
    return ok({ metadata: snapshot.metadata })
  })
  routes.add('volume', 'POST /snapshots/:id/action', (call) => {
    const snapshot = findSnapshot(state, param(call, 'id'))
    if (!('os-reset_status' in call.body)) throw badRequest(`There is no such action: ${Object.keys(call.body).join()}`)
    if (!call.who.isAdmin)
      throw forbidden("Policy doesn't allow volume_extension:snapshot_admin_actions:reset_status to be performed.")
    snapshot.status = textOr(part(call.body, 'os-reset_status')['status'], snapshot.status)
    return accepted()
  })
  routes.add('volume', 'DELETE /snapshots/:id', (call) => remove(state, call))
}

function create(state: State, call: Call): Answer {
  const given = part(call.body, 'snapshot')
  const volume = findVolume(state, textOr(given['volume_id'], ''))
  const isForced = given['force'] === true || given['force'] === 'True' || call.minor >= 66
  if (call.minor >= 66 && given['force'] === false) {
    throw badRequest("Invalid input for field/attribute force. 'force' may no longer be false")
  }
  const possible = isForced ? ['available', 'in-use'] : ['available']
  if (!possible.includes(volume.status)) {
    throw badRequest(
      `Invalid volume: Volume ${volume.id} status must be ${possible.join(', ')}, but current status is: ${volume.status}.`,
    )
  }
  const snapshot = addSnapshot(state, volume, {
    projectId: call.who.project?.id ?? '',
    userId: call.who.user.id,
    name: textOr(given['name'], null),
    description: textOr(given['description'], null),
    metadata: metadata(given['metadata']),
  })
  state.work.begin(() => fillSnapshot(state, volume, snapshot))
  return accepted({ snapshot: { ...shownSnapshot(snapshot, call.minor), status: 'creating' } })
}

function remove(state: State, call: Call): Answer {
  const snapshot = findSnapshot(state, param(call, 'id'))
  if (!['available', 'error'].includes(snapshot.status) || snapshot.groupSnapshotId !== null) {
    throw badRequest('Invalid snapshot: Snapshot status must be available or error and must not be part of a group.')
  }
  deleteLater(state, 'volume', 'snapshot', snapshot, () => {
    state.snapshots.delete(snapshot.id)
  })
  return accepted()
}
