// Claim: a snapshot or backup of a domain can be held against the domain as it is now; what the backup itself changed is no
// difference, and what somebody changed is.
import { expect } from 'chai'
import type { Part } from '../../../../../src/plugins/contract/operation.ts'
import { element, withChild } from '../../../../../src/plugins/libvirt/xml/element.ts'
import { backupSite, type BackupSite } from '../../../../support/libvirt-backups.ts'
import { operations } from '../../../../support/libvirt-domain-node.ts'

describe('domains are compared with what was saved', () => {
  let site: BackupSite

  beforeEach(async () => {
    site = await backupSite()
  })
  afterEach(() => site[Symbol.asyncDispose]())

  const compare = async (part: Part) => {
    const { compare: comparing } = operations.snapshotCreate
    if (!comparing) throw new Error('there is no comparison')
    return comparing(site.node.context('snapshot.create', { part }), part)
  }
  const snapshot = async (mode: string): Promise<Part> => {
    const ctx = () => site.node.context('snapshot.create', { details: { key: `snapshot ${mode}` } })
    const inputs = { snapshot_name: mode, snapshot_incremental: true, snapshot_mode: mode }
    return operations.snapshotCreate.settle(ctx(), await operations.snapshotCreate.cut(ctx(), inputs), inputs)
  }
  const changeTitle = (): void => {
    const { domain } = site
    domain.config = withChild(domain.config, element('title', {}, 'changed by hand'))
    if (domain.live) domain.live = withChild(domain.live, element('title', {}, 'changed by hand'))
  }

  for (const [what, save] of [
    ['a backup', async (): Promise<Part> => site.backup('monday')],
    ['an internal snapshot', () => snapshot('internal')],
    ['an external snapshot', () => snapshot('external')],
  ] as const) {
    it(`${what} is the same as the domain, until somebody changes that`, async () => {
      const part = await save()
      expect(await compare(part)).to.deep.equal({ isSame: true, differences: [] })
      changeTitle()
      expect(await compare(part)).to.deep.equal({
        isSame: false,
        differences: [
          { path: '/domain/title', kind: 'changed', blueprint: null, live: 'changed by hand', backup: null },
        ],
      })
    })
  }
})
