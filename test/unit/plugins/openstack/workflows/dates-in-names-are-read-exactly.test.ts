// Claim: names of scheduled snapshots are made and read letter by letter: no letter stands for another, and nothing may stand
// before or behind; dates are days and minutes that there are.
import { expect } from 'chai'
import type { Fault } from '../../../../../src/kernel/fault.ts'
import {
  checkDate,
  defaultPattern,
  snapshotName,
  stampIn,
  stampOf,
} from '../../../../../src/plugins/openstack/workflows/snapshot-names.ts'
import { chooseCopy, expired } from '../../../../../src/plugins/openstack/workflows/choose-copy.ts'
import type { Copy } from '../../../../../src/plugins/openstack/workflows/copies.ts'
import { faultOf } from '../../../../support/fault-of.ts'

const refused = (act: () => unknown): Promise<Fault> => faultOf((async () => act())())

describe('OpenStack: names of scheduled snapshots', () => {
  it('hold the server and the minute', () => {
    expect(snapshotName(defaultPattern, 'web', '202611210500')).to.equal('web_snapshot_202611210500')
    expect(snapshotName('{1}/{0}/{1}', '{1}', '202611210500')).to.equal('202611210500/{1}/202611210500')
    expect(stampOf(Date.parse('2026-01-02T03:04:59Z'))).to.equal('202601020304')
  })

  it('are refused when they are empty or too long', async () => {
    for (const pattern of [' ', 'x'.repeat(256)])
      expect((await refused(() => snapshotName(pattern, 'web', '202611210500'))).code).to.equal(
        'openstack.bad_property',
      )
  })

  it('are of a pattern and a server, or not', () => {
    const of = (name: string, server = 'web', pattern = defaultPattern): string | undefined =>
      stampIn(name, pattern, server)
    expect(of('web_snapshot_202611210500')).to.equal('202611210500')
    expect(of('web_snapshot_20261121')).to.equal('20261121')
    for (const name of [
      'my-web_snapshot_202611210500',
      'web_snapshot_202611210500_old',
      'web_snapshot_2026112105',
      'web_snapshot_',
      'WEB_snapshot_202611210500',
      'webXsnapshotX202611210500',
    ])
      expect(of(name), name).to.equal(undefined)
    expect(of('axb_snapshot_202611210500', 'a.b')).to.equal(undefined)
    expect(of('a.b_snapshot_202611210500', 'a.b')).to.equal('202611210500')
    expect(of('(web)+202611210500$', 'web', '({0})+{1}$')).to.equal('202611210500')
    expect(of('web', 'web', '{0}')).to.equal(undefined)
  })

  it('are asked for by days and minutes that there are', async () => {
    for (const date of ['20261121', '202611212359', '20240229']) expect(checkDate(date)).to.equal(date)
    for (const date of ['20261131', '20230229', '202611212460', '2026112', '2026-11-21', '', '20261121 '])
      expect((await refused(() => checkDate(date))).code, date).to.equal('openstack.bad_property')
  })
})

describe('OpenStack: which scheduled snapshot', () => {
  const copy = (stamp: string, more: Partial<Copy> = {}): Copy => ({
    kind: 'image',
    id: `id of ${stamp}`,
    name: `web_snapshot_${stamp}`,
    status: 'active',
    isUsable: true,
    stamp,
    createdAt: '2026-11-21T05:00:00Z',
    isOurs: true,
    isProtected: false,
    ...more,
  })
  const stamps = (copies: readonly Copy[]): readonly string[] => copies.map((one) => one.stamp)
  const three = [copy('202611190500'), copy('202611200500'), copy('202611201700')]

  it('is the newest of a day that can be used', async () => {
    expect(chooseCopy(three, '20261120', 'web').stamp).to.equal('202611201700')
    expect(chooseCopy(three, '202611200500', 'web').stamp).to.equal('202611200500')
    const broken = [...three, copy('202611202300', { isUsable: false, status: 'killed' })]
    expect(chooseCopy(broken, '20261120', 'web').stamp).to.equal('202611201700')
    const problem = await refused(() => chooseCopy(broken, '202611202300', 'web'))
    expect([problem.code, problem.message]).to.deep.equal([
      'openstack.no_snapshot',
      "no snapshot of 'web' of 202611202300 can be used: 'web_snapshot_202611202300' is killed",
    ])
  })

  it('goes: the oldest of ours that are whole, and none while there are few', () => {
    expect(stamps(expired(three, 2))).to.deep.equal(['202611190500'])
    expect(stamps(expired(three, 3))).to.deep.equal([])
    expect(stamps(expired(three, 0))).to.deep.equal([])
    const mixed = [
      copy('202611170500', { isOurs: false }),
      copy('202611180500', { isUsable: false }),
      copy('202611180600', { isProtected: true }),
      ...three,
    ]
    expect(stamps(expired(mixed, 1))).to.deep.equal(['202611190500', '202611200500'])
  })
})
