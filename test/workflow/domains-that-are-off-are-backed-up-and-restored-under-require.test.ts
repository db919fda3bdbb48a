// Claim: with freeze_policy require, domains that are off are backed up and restored without anybody starting them: those
// that were shut down in order for a backup, all of them for a restore.
import { expect } from 'chai'
import { backupWorkflows, domains } from '../support/libvirt/backup-workflows.ts'
import { destroy, powerOff } from '../support/libvirt/model/power.ts'

const parameters = { snapshot_name: 'it', snapshot_incremental: false, freeze_policy: 'require' }

describe('domains that are off', function () {
  this.timeout(60_000)

  it('are backed up and restored as they are', async () => {
    await using site = await backupWorkflows({ backup_chain: 'full' })
    const every = domains.map((name) => site.libvirtd.domain(name))
    for (const domain of every) {
      domain.writer.write()
      powerOff(domain)
    }
    const saved = site.contents()
    await site.succeed({ workflow: 'backup', parameters })
    const [backup] = await site.fermata.backups.list()
    expect(backup?.consistency).to.equal('application')
    await site.succeed({ workflow: 'restore', parameters })
    expect(site.contents()).to.deep.equal(saved)
    expect(every.map(({ isActive }) => isActive)).to.deep.equal([false, false])
  })

  it('are no backup worth a freeze when they were only turned off, and restored all the same', async () => {
    await using site = await backupWorkflows({ backup_chain: 'full' })
    const every = domains.map((name) => site.libvirtd.domain(name))
    for (const domain of every) domain.writer.write()
    const saved = site.contents()
    await site.succeed({ workflow: 'backup', parameters })
    for (const domain of every) {
      domain.writer.write()
      destroy(domain)
    }
    const again = { ...parameters, snapshot_name: 'again' }
    const refused = await site.fermata.executions
      .start({ deploymentId: 'shop', workflow: 'backup', parameters: again })
      .then(
        ({ error }) => error?.code,
        ({ code }: { readonly code: string }) => code,
      )
    expect(refused).to.equal('plan.unsupported')
    await site.succeed({ workflow: 'backup', parameters: { ...again, freeze_policy: 'prefer' } })
    const labels = (await site.fermata.backups.list()).map(({ name, consistency }) => [name, consistency])
    expect(Object.fromEntries(labels)).to.include({ again: 'crash' })
    await site.succeed({ workflow: 'restore', parameters })
    expect(site.contents()).to.deep.equal(saved)
  })
})
