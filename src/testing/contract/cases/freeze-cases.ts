// What the contract says of freezing and thawing.
import type { Bench } from '../bench.ts'
import { must } from '../broken.ts'
import { names, type ContractCase } from '../case.ts'

const { prepare, finalize } = names

async function frozen(bench: Bench, token = 'first'): Promise<() => Promise<boolean>> {
  const isFrozen = bench.view('isFrozen')
  await bench.freeze(prepare, token)
  return isFrozen
}

export const freezeCases: readonly ContractCase[] = [
  {
    id: 'freeze.stands_still',
    claim: 'when fs_prepare has resolved the node stands still',
    async run(bench) {
      const isFrozen = bench.view('isFrozen')
      must(!(await isFrozen()), 'the node must run before it is frozen')
      await bench.freeze(prepare, 'first')
      must(await isFrozen(), 'the node still runs after fs_prepare has resolved')
    },
  },
  {
    id: 'freeze.twice',
    claim: 'freezing what is frozen already is no error, and one thaw ends it',
    async run(bench) {
      const isFrozen = await frozen(bench)
      await bench.freeze(prepare, 'second')
      must(await isFrozen(), 'the node runs after the second fs_prepare')
      await bench.call(finalize)
      must(!(await isFrozen()), 'the node stands still after fs_finalize')
    },
  },
  {
    id: 'thaw.runs_again',
    claim: 'when fs_finalize has resolved the node runs',
    async run(bench) {
      const isFrozen = await frozen(bench)
      await bench.call(finalize)
      must(!(await isFrozen()), 'the node stands still after fs_finalize has resolved')
    },
  },
  {
    id: 'thaw.twice',
    claim: 'fs_finalize may be called twice',
    async run(bench) {
      const isFrozen = await frozen(bench)
      await bench.call(finalize)
      await bench.call(finalize, { attempt: 2, inDoubt: true })
      must(!(await isFrozen()), 'the node stands still after the second fs_finalize')
    },
  },
  {
    id: 'thaw.of_running',
    claim: 'thawing a node that was never frozen is no error',
    async run(bench) {
      const isFrozen = bench.view('isFrozen')
      await bench.call(finalize)
      must(!(await isFrozen()), 'fs_finalize froze the node')
    },
  },
  {
    id: 'freeze.again_after_thaw',
    claim: 'a node can be frozen again after it was thawed',
    async run(bench) {
      const isFrozen = await frozen(bench)
      await bench.call(finalize)
      await bench.freeze(prepare, 'second')
      must(await isFrozen(), 'the second freeze did nothing')
    },
  },
]
