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
    const deadline = await request(ctx, {
      name: 'arm',
      key: token,
      effect(cloud, guest) {
        if (!settingsOf(ctx).hasDeadman) throw notArmed('the guest carries none')
        armGuest(guest, cloud.now, token, lease, maximum)
        return cloud.now + lease
      },
    })
    return { token, deadline }
  },
  async extend(ctx, handle, lease) {
    const token = String(handle['token'])
    const deadline = await request(ctx, {
      name: 'extend',
      key: token,
      effect: (cloud, guest) => extendGuest(guest, cloud.now, token, lease),
    })
    if (deadline === undefined) throw notArmed('its time was over')
    return { token, deadline }
  },
  async disarm(ctx, handle) {
    const token = String(handle['token'])
    const firedAt = await request(ctx, {
      name: 'disarm',
      key: token,
      effect: (cloud, guest) => disarmGuest(guest, cloud.now, token),
    })
    return { firedAt }
  },
}

function notArmed(reason: string): Error {
  return fault('freeze.not_armed', { details: { reason } })
}
