// Volumes attached to servers and taken off again. What cannot be done in the end was accepted all the same.
import { accepted, badRequest, notFound, ok, type Answer } from '../../http/answer.ts'
import { param, part, textOr, type Call } from '../../http/call.ts'
import type { Routes } from '../../http/routes.ts'
import type { FakeServer } from '../../model/server.ts'
import type { State } from '../../model/state.ts'
import type { FakeAttachment, VmState } from '../../model/things.ts'
import { Broken } from '../../../../../src/testing/fake-http/work.ts'
import { connect, disconnect } from './boot-volumes.ts'
import { checkState } from './jobs.ts'
import { findServer } from './servers.ts'
import { shownAttachment } from './views.ts'

const possible: readonly VmState[] = ['active', 'paused', 'stopped']

export function attachmentRoutes(routes: Routes, state: State): void {
  const path = '/servers/:id/os-volume_attachments'
  routes.add('compute', `GET ${path}`, (call) => {
    const server = findServer(state, param(call, 'id'))
    return ok({ volumeAttachments: server.attachments.map((one) => shownAttachment(one, call.minor)) })
  })
  routes.add('compute', `GET ${path}/:volume`, (call) => {
    const [, attachment] = attached(state, call)
    return ok({ volumeAttachment: shownAttachment(attachment, call.minor) })
  })
  routes.add('compute', `POST ${path}`, (call) => attach(state, call))
  routes.add('compute', `PUT ${path}/:volume`, (call) => {
    if (call.minor < 85) throw badRequest('Additional properties are not allowed')
    const [, attachment] = attached(state, call)
    attachment.deleteOnTermination = part(call.body, 'volumeAttachment')['delete_on_termination'] === true
    return accepted()
  })
  routes.add('compute', `DELETE ${path}/:volume`, (call) => detach(state, call))
}

function attached(state: State, call: Call): readonly [FakeServer, FakeAttachment] {
  const server = findServer(state, param(call, 'id'))
  const found = server.attachments.find(({ volumeId }) => volumeId === param(call, 'volume'))
  if (found) return [server, found]
  throw notFound(`Instance ${server.id} is not attached to volume ${param(call, 'volume')}`)
}

function attach(state: State, call: Call): Answer {
  const server = findServer(state, param(call, 'id'))
  const given = part(call.body, 'volumeAttachment')
  const volume = state.volumes.get(textOr(given['volumeId'], ''))
  if (!volume) throw notFound(`Volume ${textOr(given['volumeId'], '')} could not be found.`)
  for (const [name, minor] of [
    ['tag', 49],
    ['delete_on_termination', 79],
  ] as const) {
    if (name in given && call.minor < minor)
      throw badRequest(`Additional properties are not allowed ('${name}' was unexpected)`)
  }
  checkState(server, 'attach_volume', possible)
  if (server.attachments.some(({ volumeId }) => volumeId === volume.id)) {
    throw badRequest(`Invalid volume: volume ${volume.id} already attached`)
  }
  if (volume.status !== 'available') {
    throw badRequest(
      `Invalid volume: volume ${volume.id} status must be available or downloading to reserve, but the current status is ${volume.status}.`,
    )
  }
  volume.status = 'reserved'
  const device = server.nextDevice()
  state.work.begin(async () => {
    try {
      await state.work.step('volume:reserved', volume.id, 'compute')
      volume.status = 'attaching'
      await state.work.step('volume:attaching', volume.id, 'compute')
      const how = {
        bootIndex: null,
        tag: textOr(given['tag'], null),
        deleteOnTermination: given['delete_on_termination'] === true,
      }
      connect(state, server, volume, how)
    } catch (thrown) {
      if (!(thrown instanceof Broken)) throw thrown
      // As was seen: nothing tells that it went wrong but the volume, which is free again.
      volume.status = 'available'
    }
  })
  const shown = {
    id: state.id(),
    bdmId: state.id(),
    volumeId: volume.id,
    serverId: server.id,
    device,
    tag: textOr(given['tag'], null),
    bootIndex: null,
    deleteOnTermination: given['delete_on_termination'] === true,
    attachedAt: '',
  }
  return ok({ volumeAttachment: shownAttachment(shown, call.minor) })
}

function detach(state: State, call: Call): Answer {
  const [server, attachment] = attached(state, call)
  if (attachment.bootIndex === 0) throw badRequest('Cannot detach a root device volume')
  checkState(server, 'detach_volume', possible)
  const volume = state.volumes.get(attachment.volumeId)
  if (!volume) throw notFound(`Volume ${attachment.volumeId} could not be found.`)
  if (volume.status !== 'in-use') {
    throw badRequest(
      "Invalid volume: Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach.",
    )
  }
  volume.status = 'detaching'
  state.work.begin(async () => {
    try {
      await state.work.step('volume:detaching', volume.id, 'compute')
      disconnect(server, volume)
    } catch (thrown) {
      // As was seen: it stays so for ever.
      if (!(thrown instanceof Broken)) throw thrown
    }
  })
  return accepted()
}
