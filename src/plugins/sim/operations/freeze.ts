// freeze.fs_prepare and fs_finalize of a simulated node. The guest freezes only while a deadman watches.
import { freezeOperation, thawOperation } from '../../contract/operation.ts'
import { request } from '../client.ts'
import { freezeGuest, thawGuest } from '../cloud/guest.ts'
import { guestDeadman } from '../deadman.ts'
import { refused } from '../errors.ts'
import { settingsOf } from '../settings.ts'

export const simFreeze = freezeOperation({
  deadman: guestDeadman,
  async freeze(ctx) {
    const { freezeTime, hasDeadman } = settingsOf(ctx)
    await request(ctx, {
      name: 'freeze',
      work: freezeTime,
      effect(cloud, guest) {
        // What does not run stands still.
        if (guest.power !== 'running') return
        if (!freezeGuest(guest, cloud.now, hasDeadman)) throw refused('no deadman watches')
      },
    })
  },
})

export const simThaw = thawOperation({
  async thaw(ctx) {
    const { freezeTime } = settingsOf(ctx)
    await request(ctx, { name: 'thaw', work: freezeTime, effect: (cloud, guest) => thawGuest(guest, cloud.now) })
  },
})
