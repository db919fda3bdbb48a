// Claim: a cut that has made something and then fails is taken back, whatever its plugin says of the effect of the failure.
import { expect } from 'chai'
import { fault } from '../../../src/kernel/fault.ts'
import { cutOperation, operation } from '../../../src/plugins/contract/operation.ts'
import { snapshotCreate, snapshotDelete } from '../../../src/lifecycle/operations.ts'
import { backUpAll, faultOf } from '../../support/freezing-provider.ts'
import { testSite } from '../../support/site.ts'

describe('an attempt that made something', () => {
  for (const isMade of [true, false]) {
    it(`${isMade ? 'is' : 'and one that made nothing is not'} taken back when a later call of it fails`, async () => {
      const undone: string[] = []
      const operations = {
        cut: cutOperation({
          async cut(ctx) {
            if (isMade) await ctx.once({ lookUp: async () => undefined, create: async () => 'made' })
            throw fault('operation.failed', { details: { message: 'the second call was refused' }, effect: 'none' })
          },
          settle: async (_ctx, receipt) => ({ ...receipt, bytes: null, digest: null }),
        }),
        undo: operation({ run: async (ctx) => void undone.push(ctx.operation.key) }),
      }
      const calls = { [snapshotCreate]: 'cut', [snapshotDelete]: 'undo' }
      await using test = await testSite({ nodes: [{ id: 'vm', operations: calls }], operations })
      expect((await faultOf(backUpAll(test)))?.message).to.contain('the second call was refused')
      expect(undone).to.have.lengthOf(isMade ? 1 : 0)
    })
  }
})
