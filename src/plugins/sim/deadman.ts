// The deadman of a simulated guest: it lives in the guest and needs nobody.
import { fault } from '../../kernel/fault.ts'
import type { Deadman } from '../contract/deadman.ts'
import { request } from './client.ts'
import { armGuest, disarmGuest, extendGuest } from './cloud/guest.ts'
import { settingsOf } from './settings.ts'

export const guestDeadman: Deadman = {
  kind: 'guest',
  async probe(ctx) {
    if (settingsOf(ctx).hasDeadman) return { kind: 'guest', longestHold: null, reason: null }
    return { kind: 'none', longestHold: null, reason: `'${ctx.node.id}' says deadman: none` }
  },
  async arm(ctx, { token, lease, maximum = lease }) {
    let id: string | undefined
    const deadline = await request(ctx, {
      name: 'arm',
      key: token,
      effect(cloud, guest) {
        if (!settingsOf(ctx).hasDeadman) throw notArmed('the guest carries none')
        // Another delivery of the same request arms nothing.
        if (id === undefined) {
          id = `deadman-${cloud.nextNumber()}`
          const { now } = cloud
          armGuest(guest, { id, token, armedAt: now, lease, deadline: now + lease, latest: now + maximum })
        }
        return cloud.now + lease
      },
    })
    return { token, id: String(id), deadline }
  },
  async extend(ctx, handle, lease) {
    const id = String(handle['id'])
    const deadline = await request(ctx, {
      name: 'extend',
      key: id,
      effect: (cloud, guest) => extendGuest(guest, cloud.now, id, lease),
    })
    if (deadline === undefined) throw notArmed('its time was over')
    return { ...handle, deadline }
  },
  async disarm(ctx, handle) {
    const id = String(handle['id'])
    const firedAt = await request(ctx, {
      name: 'disarm',
      key: id,
      effect: (cloud, guest) => disarmGuest(guest, cloud.now, id),
    })
    return { firedAt }
  },
}

function notArmed(reason: string): Error {
  return fault('freeze.not_armed', { details: { reason } })
}
