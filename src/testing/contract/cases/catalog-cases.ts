// What the contract says of restoring and deleting what the catalog holds.
import { Fault } from '../../../kernel/fault.ts'
import { must, rejection } from '../broken.ts'
import { names, type ContractCase } from '../case.ts'
import { saved } from './cut-cases.ts'

const { apply, remove } = names

const given = (name: string, part: object): { inputs: { snapshot_name: string }; part: never } => ({
  inputs: { snapshot_name: name },
  part: part as never,
})

export const catalogCases: readonly ContractCase[] = [
  {
    id: 'delete.exactly_that',
    claim: 'deleting a part deletes that one and no other',
    async run(bench) {
      const snapshots = bench.view('snapshots')
      const first = await saved(bench, 'one')
      await saved(bench, 'two')
      const before = await snapshots()
      await bench.call(remove, given('one', first))
      const left = await snapshots()
      must(left.length === 1, `of ${before.length} snapshots ${left.length} are left`)
      must(before.includes(left[0] ?? ''), 'what is left was not there before')
    },
  },
  {
    id: 'delete.twice',
    claim: 'deleting what is gone is no error',
    async run(bench) {
      const part = await saved(bench, 'one')
      await bench.call(remove, given('one', part))
      await bench.call(remove, { ...given('one', part), attempt: 2, inDoubt: true })
    },
  },
  {
    id: 'apply.puts_back',
    claim: 'applying a part puts back what it holds',
    async run(bench) {
      const [change, state] = [bench.view('change'), bench.view('state')]
      const before = await state()
      const part = await saved(bench, 'one')
      await change()
      must((await state()) !== before, "the subject's 'change' changed nothing")
      await bench.call(apply, { ...given('one', part), purpose: 'replace' })
      must((await state()) === before, 'the state after apply is not the one that was saved')
    },
  },
  {
    id: 'apply.twice',
    claim: 'applying again, as after a crash, gives the same',
    async run(bench) {
      const [change, state] = [bench.view('change'), bench.view('state')]
      const before = await state()
      const part = await saved(bench, 'one')
      await change()
      await bench.call(apply, given('one', part))
      await bench.call(apply, { ...given('one', part), attempt: 2, inDoubt: true })
      must((await state()) === before, 'the state after the second apply is not the one that was saved')
    },
  },
  {
    id: 'apply.older',
    claim: 'an older part can be applied while newer ones are there, and harms none of them',
    async run(bench) {
      const [change, state, snapshots] = [bench.view('change'), bench.view('state'), bench.view('snapshots')]
      const before = await state()
      const part = await saved(bench, 'one')
      await change()
      await saved(bench, 'two')
      await bench.call(apply, given('one', part))
      must((await state()) === before, 'the state is not the one that was saved first')
      must((await snapshots()).length === 2, 'a snapshot is gone')
    },
  },
  {
    id: 'apply.missing',
    claim: 'applying a part that is gone fails and leaves the node as it is',
    async run(bench) {
      const [state, lose] = [bench.view('state'), bench.view('loseSnapshot')]
      const part = await saved(bench, 'one')
      await lose(part.providerId)
      const before = await state()
      const thrown = await rejection(bench.call(apply, given('one', part)))
      must(thrown !== undefined, 'apply says that it succeeded')
      must(thrown instanceof Fault, `apply threw ${String(thrown)}, which is no fault`)
      must((await state()) === before, 'the node was changed')
    },
  },
]
