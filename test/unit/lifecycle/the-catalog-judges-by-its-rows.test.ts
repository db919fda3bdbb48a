// What is good, what is verified, what rests on what and what may be deleted is read off the rows of the catalog.
import { expect } from 'chai'
import {
  childrenOf,
  isDamaged,
  isGood,
  isVerified,
  lastOfKind,
  parentsOf,
  removalProblem,
  type CatalogRows,
} from '../../../src/lifecycle/catalog-rules.ts'
import type { PartState } from '../../../src/plugins/contract/workflow.ts'
import type { PartRow, RecoveryPointRow } from '../../../src/store/tables.ts'

const point = (id: string, more: Partial<RecoveryPointRow> = {}): RecoveryPointRow => ({
  id,
  deployment_id: 'd',
  name: id,
  incremental: 1,
  type: 'daily',
  status: 'good',
  execution_id: 'e',
  blueprint_digest: 'digest',
  created_at: 0,
  sealed_at: 0,
  consistency: 'crash',
  inputs_digest: null,
  parent_id: null,
  held: null,
  verified_at: null,
  verification: null,
  frozen: null,
  missing: null,
  ...more,
})

const part = (pointId: string, instance: string, parent: string | null = null): PartRow => ({
  recovery_point_id: pointId,
  instance_id: instance,
  result: '{}',
  node_id: instance,
  operation: 'test.cut',
  provider_id: `${pointId}/${instance}`,
  parent_provider_id: parent,
  bytes: null,
  digest: null,
  consistency: 'crash',
  reason: null,
  cut_from: null,
  cut_to: null,
  deleting_at: null,
})

const found = (...states: readonly PartState[]): string =>
  JSON.stringify(Object.fromEntries(states.map((state, index) => [`i${index}`, { state, reason: null }])))

describe('a recovery point', () => {
  const judged = (more: Partial<RecoveryPointRow>): boolean[] => {
    const row = point('p', more)
    return [isGood(row), isVerified(row), isDamaged(row)]
  }

  it('is good while it is whole and nobody saw damage, and verified when every part was seen', () => {
    expect(judged({})).to.deep.equal([true, false, false])
    expect(judged({ verification: found('usable', 'usable') })).to.deep.equal([true, true, false])
    expect(judged({ verification: found('usable', 'unchecked') })).to.deep.equal([true, false, false])
    expect(judged({ verification: found() })).to.deep.equal([true, false, false])
    expect(judged({ verification: found('usable', 'damaged') })).to.deep.equal([false, false, true])
    expect(judged({ verification: found('missing') })).to.deep.equal([false, false, true])
    for (const status of ['open', 'partial', 'deleting'])
      expect(judged({ status, verification: found('usable') }), status).to.deep.equal([false, false, false])
  })

  it('may rest on several, each instance on another', () => {
    const rows: CatalogRows = {
      points: ['a', 'b', 'c'].map((id) => point(id)),
      parts: [
        part('a', 'x'),
        part('a', 'y'),
        part('b', 'y', 'a/y'),
        part('c', 'x', 'a/x'),
        part('c', 'y', 'b/y'),
        part('c', 'z', 'elsewhere'),
      ],
    }
    expect([...(parentsOf(rows).get('c') ?? [])]).to.have.members(['a', 'b'])
    const children = (id: string, instances?: readonly string[]): string[] =>
      childrenOf(rows, point(id), instances).map((row) => row.id)
    expect(children('a')).to.deep.equal(['b', 'c'])
    expect(children('a', ['x'])).to.deep.equal(['c'])
    expect(children('b', ['z'])).to.deep.equal([])
    expect(children('c')).to.deep.equal([])
  })
})

describe('deleting a recovery point', () => {
  const codeFor = (row: RecoveryPointRow, others: readonly RecoveryPointRow[], parts: readonly PartRow[] = []) =>
    removalProblem({ points: [row, ...others], parts }, row, 'hold')?.code ?? null

  it('meets what speaks against it, the hold first', () => {
    const parts = [part('a', 'x'), part('b', 'x', 'a/x')]
    const other = point('b')
    expect(codeFor(point('a', { held: 'why' }), [other], parts)).to.equal('catalog.held')
    expect(codeFor(point('a'), [other], parts)).to.equal('catalog.still_needed')
    expect(codeFor(point('a'), [], [])).to.equal('catalog.last_good')
    expect(codeFor(point('a'), [other], [])).to.equal(null)
    // What has begun goes on.
    expect(codeFor(point('a', { status: 'deleting', held: 'late' }), [other], parts)).to.equal(null)
  })

  it('leaves the last good and the last verified one, and counts neither partial nor damaged ones as such', () => {
    const verified = { verification: found('usable') }
    const bad = [
      point('b', { status: 'partial' }),
      point('c', { verification: found('damaged') }),
      point('d', { status: 'open' }),
    ]
    const kind = (row: RecoveryPointRow, others: readonly RecoveryPointRow[]) =>
      lastOfKind({ points: [row, ...others], parts: [] }, row)
    expect(kind(point('a'), bad)).to.equal('good')
    expect(kind(point('a', verified), [point('b')])).to.equal('verified')
    expect(kind(point('a', verified), [point('b', verified)])).to.equal(null)
    expect(kind(point('a'), [point('b')])).to.equal(null)
    for (const row of bad) expect(kind(row, [])).to.equal(null)
    expect(removalProblem({ points: [point('a')], parts: [] }, point('a'), 'break')).to.equal(null)
  })
})
