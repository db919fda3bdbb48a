// What the contract says of snapshots in two halves: a receipt, one object per piece of work, a part that was read back.
import type { Bench } from '../bench.ts'
import type { Part } from '../../../plugins/contract/operation.ts'
import { isConsistency } from '../../../plugins/contract/consistency.ts'
import { CaseSkipped, must } from '../broken.ts'
import { names, type ContractCase } from '../case.ts'

const { create, remove } = names

const named = (name: string): { inputs: { snapshot_name: string } } => ({ inputs: { snapshot_name: name } })

export async function saved(bench: Bench, name = 'one'): Promise<Part> {
  const receipt = await bench.cut(create, name, named(name))
  return bench.settle(create, name, receipt, named(name))
}

export const cutCases: readonly ContractCase[] = [
  {
    id: 'cut.receipt',
    claim: 'a cut returns a receipt by which the object can be found again',
    async run(bench) {
      const receipt = await bench.cut(create, 'one', named('one'))
      must(typeof receipt.kind === 'string' && receipt.kind !== '', 'the receipt has no kind')
      must(typeof receipt.providerId === 'string' && receipt.providerId !== '', 'the receipt has no providerId')
      must(receipt.consistency === undefined || isConsistency(receipt.consistency), 'the consistency is no label')
    },
  },
  {
    id: 'settle.part',
    claim: 'settling gives a part with its size and digest, or null where the provider tells none',
    async run(bench) {
      const part = await saved(bench)
      must(part.bytes === null || Number.isSafeInteger(part.bytes), `bytes is ${JSON.stringify(part.bytes)}`)
      must(part.digest === null || typeof part.digest === 'string', `digest is ${JSON.stringify(part.digest)}`)
      must(typeof part.providerId === 'string' && part.providerId !== '', 'the part has no providerId')
    },
  },
  {
    id: 'settle.there',
    claim: 'a settled part exists outside',
    async run(bench) {
      const snapshots = bench.view('snapshots')
      const before = await snapshots()
      await saved(bench)
      must((await snapshots()).length === before.length + 1, 'no snapshot came to be')
    },
  },
  {
    id: 'settle.twice',
    claim: 'settling again, as after a crash, gives the same part',
    async run(bench) {
      const receipt = await bench.cut(create, 'one', named('one'))
      const first = await bench.settle(create, 'one', receipt, named('one'))
      const again = { ...named('one'), attempt: 2, inDoubt: true }
      const second = await bench.settle(create, 'one', receipt, again)
      must(first.providerId === second.providerId && first.digest === second.digest, 'the second part is another one')
    },
  },
  {
    id: 'cut.in_doubt',
    claim: 'a cut that is tried again after its outcome was lost makes no second object',
    async run(bench) {
      const snapshots = bench.view('snapshots')
      const first = await bench.cut(create, 'one', named('one'))
      const again = { ...named('one'), attempt: 2, inDoubt: true }
      const second = await bench.cut(create, 'one', again)
      await bench.settle(create, 'one', second, again)
      must((await snapshots()).length === 1, `there are ${(await snapshots()).length} snapshots of one piece of work`)
      must(first.providerId === second.providerId, 'the second attempt has another object')
    },
  },
  {
    id: 'cut.other_work',
    claim: 'another piece of work makes another object',
    async run(bench) {
      const [first, second] = [await saved(bench, 'one'), await saved(bench, 'two')]
      must(first.providerId !== second.providerId, 'both parts name the same object')
      const { snapshots } = bench.node
      if (snapshots) must((await snapshots.call(bench.node)).length === 2, 'there are not two snapshots')
    },
  },
  {
    id: 'cut.undone_by_key',
    claim: 'what a cut made is taken back by the key of its work alone',
    async run(bench) {
      const snapshots = bench.view('snapshots')
      await bench.cut(create, 'one', named('one'))
      await bench.call(remove, { ...named('one'), work: 'one' })
      must((await snapshots()).length === 0, 'the cut is still there')
    },
  },
  {
    id: 'cut.nothing_to_undo',
    claim: 'taking back a cut that never was is no error and harms nobody',
    async run(bench) {
      const snapshots = bench.view('snapshots')
      await saved(bench, 'one')
      await bench.call(remove, { ...named('two'), work: 'two' })
      must((await snapshots()).length === 1, 'a snapshot of other work was deleted')
    },
  },
  {
    id: 'cut.no_delete_by_name',
    claim: 'without a record of the catalog nothing is deleted because its name is the same',
    async run(bench) {
      const snapshots = bench.view('snapshots')
      await saved(bench, 'one')
      await bench.call(remove, { ...named('one'), work: 'somebody-else' })
      must((await snapshots()).length === 1, 'the snapshot of other work was deleted by its name')
    },
  },
  {
    id: 'verify.usable',
    claim: 'a part that is there is found usable, and verifying changes nothing',
    async run(bench) {
      const operation = bench.cutOperation(create)
      if (!operation.verify) throw new CaseSkipped('snapshot.create offers no verify')
      const part = await saved(bench)
      const before = await bench.node.state?.()
      const check = await operation.verify(bench.context(create), part)
      must(check.isUsable && !check.isMissing && check.reason === null, `it was found ${JSON.stringify(check)}`)
      must((await bench.node.state?.()) === before, 'verifying changed the node')
    },
  },
  {
    id: 'verify.missing',
    claim: 'a part that is gone is found missing, with a reason',
    async run(bench) {
      const operation = bench.cutOperation(create)
      if (!operation.verify) throw new CaseSkipped('snapshot.create offers no verify')
      const lose = bench.view('loseSnapshot')
      const part = await saved(bench)
      await lose(part.providerId)
      const check = await operation.verify(bench.context(create), part)
      must(!check.isUsable && check.isMissing, `it was found ${JSON.stringify(check)}`)
      must(Boolean(check.reason), 'there is no reason')
    },
  },
]
