// compare_backup: what the providers say of each part comes back as it is, and nothing is changed or claimed.
import { expect } from 'chai'
import { backupSite } from '../support/backup-site.ts'

describe('comparing a backup', () => {
  it('asks the provider of each part, with what the catalog holds of it', async () => {
    await using backups = await backupSite()
    const { site } = backups
    await backups.backUp('one')
    const difference = { path: '/size', kind: 'drifted', blueprint: 1, live: 2, backup: 1 }
    const seen: unknown[] = []
    site.hooks['compare db'] = (_ctx, part) => {
      seen.push(part['providerId'])
      return { isSame: false, differences: [difference] }
    }
    site.log.length = 0
    const { parts, execution, backup } = await site.fermata.backups.compare('one')
    expect([execution.workflow, execution.status, backup.name]).to.deep.equal(['compare_backup', 'terminated', 'one'])
    expect(Object.keys(parts)).to.have.members(Object.values(site.ids))
    expect(parts[site.ids['db'] ?? '']).to.deep.equal({ isSame: false, differences: [difference] })
    expect(parts[site.ids['web'] ?? '']).to.deep.equal({ isSame: true, differences: [] })
    expect(seen).to.deep.equal(['one/db'])
    expect(site.log.map((line) => line.split(' ')[0])).to.deep.equal(['compare', 'compare', 'compare'])
    const lines = (await site.events(execution)).map(({ message }) => message)
    expect(lines.join('\n')).to.contain(`${site.ids['db']} differs in 1 places`)
  })

  it('of some instances asks no others', async () => {
    await using backups = await backupSite()
    const { site } = backups
    await backups.backUp('one')
    const { parts } = await site.fermata.backups.compare('one', { instances: [site.ids['db'] ?? ''] })
    expect(Object.keys(parts)).to.deep.equal([site.ids['db']])
  })

  it('fails when the provider does, and says of what', async () => {
    await using backups = await backupSite()
    const { site } = backups
    await backups.backUp('one')
    site.hooks['compare db'] = () => {
      throw new Error('no answer')
    }
    const { execution } = await site.fermata.backups.compare('one')
    expect(execution.status).to.equal('failed')
    expect(execution.error?.message).to.contain('no answer')
  })
})
