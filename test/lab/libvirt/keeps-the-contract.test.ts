// The contract suite over domains of the lab: the cases that each kind of operation has, on real guests. LAB_LONG=1
// tries snapshots inside disks and chains of backups, too; the fake is held to all of them in test/contract.
import { ContractBroken } from '../../../src/testing/contract/broken.ts'
import type { ContractSubject } from '../../../src/testing/contract/subject.ts'
import { contractCases, tryCase } from '../../../src/testing/contract/suite.ts'
import { backupSubject, freezingSubject, snapshotSubject } from '../../support/libvirt/contract-site.ts'
import { domainOnLab, removeDomainOnLab } from '../../support/libvirt/lab/domain-on-lab.ts'

const freezing = /^(?:freeze|thaw|deadman|power|statistics)\./
const saving = /^(?:cut|settle|verify|delete|apply|cancel|names)\./

function contractOf(name: string, subject: ContractSubject, which: RegExp): void {
  describe(`lab: the contract of ${name}`, function () {
    // A case may start a guest twice, without hardware to help.
    this.timeout(180_000)
    after(removeDomainOnLab)

    for (const one of contractCases.filter(({ id }) => which.test(id))) {
      it(`${one.id}: ${one.claim}`, async function () {
        const { outcome, reason } = await tryCase(subject, one)
        if (outcome === 'broken') throw new ContractBroken(reason ?? one.id)
        if (outcome === 'skipped') this.skip()
      })
    }
  })
}

contractOf('domains that are frozen, with a deadman inside', freezingSubject(domainOnLab, 'guest'), freezing)
contractOf('domains that are frozen, with one beside', freezingSubject(domainOnLab, 'host'), /^deadman\./)
contractOf('snapshots above disks', snapshotSubject(domainOnLab, 'external'), saving)
contractOf('backups', backupSubject(domainOnLab, 'full'), saving)
if (process.env['LAB_LONG'] !== undefined) {
  contractOf('snapshots inside disks', snapshotSubject(domainOnLab, 'internal'), saving)
  contractOf('backups in chains', backupSubject(domainOnLab, 'incremental'), saving)
}
