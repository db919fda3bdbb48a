// What the contract says of deadmen: they thaw when nobody else does, never too early, and never somebody else's freeze.
import type { Duration } from '../../../kernel/duration.ts'
import { Fault } from '../../../kernel/fault.ts'
import { CaseSkipped, must, rejection } from '../broken.ts'
import { names, type ContractCase } from '../case.ts'

const { prepare, finalize } = names
/** What the promise allows beyond the lease. */
const tolerance: Duration = 2000

export const deadmanCases: readonly ContractCase[] = [
  {
    id: 'deadman.fires',
    claim: 'a node that nobody thaws runs again at most the lease and two seconds after its freeze',
    async run(bench) {
      const isFrozen = bench.view('isFrozen')
      const handle = await bench.freeze(prepare, 'first')
      if (!handle) throw new CaseSkipped('fs_prepare brings no deadman')
      must(await isFrozen(), 'the node still runs after fs_prepare')
      const thawed = await bench.within(bench.lease + tolerance, async () => !(await isFrozen()))
      must(thawed, `the node stands still ${bench.lease + tolerance} ms after it was frozen`)
      const firedAt = await bench.disarm(prepare, handle)
      must(typeof firedAt === 'number', 'disarm must tell when the deadman fired')
    },
  },
  {
    id: 'deadman.not_before_its_time',
    claim: 'the node stands still for the whole lease',
    async run(bench) {
      const isFrozen = bench.view('isFrozen')
      const { clock } = bench.context('look').world
      const begin = clock.monotonic()
      await bench.freeze(prepare, 'first')
      const thawed = await bench.within(bench.lease * 0.8, async () => !(await isFrozen()))
      const waited = clock.monotonic() - begin
      must(!thawed || waited >= bench.lease, `the node ran after ${Math.round(waited)} ms of ${bench.lease} ms`)
    },
  },
  {
    id: 'deadman.disarmed',
    claim: 'a deadman that was disarmed in time has not fired, and thaws nothing later',
    async run(bench) {
      const isFrozen = bench.view('isFrozen')
      const handle = await bench.arm(prepare, 'first')
      must((await bench.disarm(prepare, handle)) === null, 'disarm tells of a deadman that fired before its lease')
      const longer = await bench.freeze(prepare, 'second', bench.lease * 4)
      const thawed = await bench.within(bench.lease + 300, async () => !(await isFrozen()))
      must(!thawed, 'the deadman that was disarmed thawed the node')
      await bench.call(finalize)
      if (longer) await bench.disarm(prepare, longer)
    },
  },
  {
    id: 'deadman.disarmed_twice',
    claim: 'disarming twice is no error and tells the same',
    async run(bench) {
      const handle = await bench.arm(prepare, 'first')
      must((await bench.disarm(prepare, handle)) === null, 'the first disarm tells of a firing')
      must((await bench.disarm(prepare, handle)) === null, 'the second disarm tells of a firing')
    },
  },
  {
    id: 'deadman.keeps_to_its_token',
    claim: 'an older deadman never thaws a newer freeze',
    async run(bench) {
      const isFrozen = bench.view('isFrozen')
      // As after a crash: the first one was never disarmed.
      await bench.arm(prepare, 'older')
      const newer = await bench.freeze(prepare, 'newer', bench.lease * 4)
      const thawed = await bench.within(bench.lease + 500, async () => !(await isFrozen()))
      must(!thawed, 'the deadman of the older freeze thawed the node')
      await bench.call(finalize)
      if (newer) await bench.disarm(prepare, newer)
    },
  },
  {
    id: 'deadman.extends',
    claim:
      'an extended lease begins anew, and ends at the maximum it was armed with; or it is refused, and ends as it would',
    async run(bench) {
      const { extend } = bench.deadman(prepare)
      if (!extend) throw new CaseSkipped('the deadman cannot extend a lease')
      const isFrozen = bench.view('isFrozen')
      const { clock } = bench.context('look').world
      const begin = clock.monotonic()
      let handle = await bench.arm(prepare, 'first', { maximum: bench.lease * 2 })
      await bench.call(prepare, { work: 'first', purpose: 'save' })
      await clock.sleep(bench.lease * 0.6)
      const refused = await rejection(
        extend
          .call(bench.deadman(prepare), bench.context(prepare), handle, bench.lease)
          .then((later) => (handle = later)),
      )
      must(refused === undefined || refused instanceof Fault, `extend threw ${String(refused)}, which is no fault`)
      const longest = (refused === undefined ? bench.lease * 2 : bench.lease) + tolerance
      if (refused === undefined) {
        await clock.sleep(bench.lease * 0.6)
        must(await isFrozen(), 'the node runs before its extended lease was over')
        await extend
          .call(bench.deadman(prepare), bench.context(prepare), handle, bench.lease * 10)
          .catch(() => undefined)
      }
      const thawed = await bench.within(longest, async () => !(await isFrozen()))
      const waited = clock.monotonic() - begin
      must(thawed && waited <= longest, `the node stood still for ${Math.round(waited)} ms`)
    },
  },
  {
    id: 'deadman.refuses_clearly',
    claim: 'a deadman that cannot be armed says so with a fault, before anything is frozen',
    async run(bench) {
      const aborted = AbortSignal.abort(new Error('cancelled'))
      const thrown = await rejection(bench.arm(prepare, 'never', { signal: aborted }))
      must(thrown === undefined || thrown instanceof Fault || thrown === aborted.reason, `arm threw ${String(thrown)}`)
      if (bench.node.isFrozen) must(!(await bench.node.isFrozen()), 'arming alone froze the node')
    },
  },
]
