// Life and power of a simulated node: create, start, stop, delete, suspend, resume.
import type { OperationContext } from '../../contract/context.ts'
import { operation, type PowerState } from '../../contract/operation.ts'
import { request } from '../client.ts'
import type { SimCallName } from '../cloud/behaviour.ts'
import type { GuestRecord } from '../cloud/guest.ts'
import { settingsOf } from '../settings.ts'

const power = (ctx: OperationContext): Promise<PowerState> =>
  request(ctx, { name: 'power.get', effect: (_cloud, guest) => guest.power })

const change = (name: SimCallName, effect: (guest: GuestRecord) => void) => async (ctx: OperationContext) => {
  await request(ctx, {
    name,
    work: settingsOf(ctx).workTime,
    // A request that arrives twice, or again after its answer was lost, is one.
    effect(_cloud, guest) {
      if (guest.answered.includes(ctx.operation.key)) return
      guest.answered.push(ctx.operation.key)
      effect(guest)
    },
  })
}

export const simCreate = operation({ run: change('create', (guest) => setLife(guest, true, 'stopped')) })
export const simStart = operation({ run: change('start', (guest) => setLife(guest, true, 'running')) })
export const simStop = operation({ run: change('stop', (guest) => setLife(guest, guest.exists, 'stopped')) })
export const simDelete = operation({ run: change('delete', (guest) => setLife(guest, false, 'stopped')) })
export const simSuspend = operation({ power, run: change('suspend', (guest) => setLife(guest, true, 'suspended')) })
export const simResume = operation({ power, run: change('resume', (guest) => setLife(guest, true, 'running')) })
/** Any other operation: the cloud works at it for a while. */
export const simWork = operation({ run: change('work', () => {}) })

function setLife(guest: GuestRecord, exists: boolean, state: PowerState): void {
  guest.exists = exists
  guest.power = state
}
