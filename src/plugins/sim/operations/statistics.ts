// statistics.perfomance of a simulated node: how long it stood still so far, and in how many freezes.
import { operation } from '../../contract/operation.ts'
import { request } from '../client.ts'

export const simStatistics = operation({
  async run(ctx) {
    const figures = await request(ctx, {
      name: 'statistics',
      effect: (cloud, guest) => ({
        freezes: guest.spans.length,
        frozen: guest.spans.reduce((sum, span) => sum + (span.to ?? cloud.now) - span.from, 0),
        snapshots: cloud.state.snapshots.filter((one) => one.node === guest.id).length,
      }),
    })
    return { ...figures, frozen: { value: figures.frozen, unit: 'ms' } }
  },
})
