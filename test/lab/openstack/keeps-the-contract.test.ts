// The contract suite over servers and volumes of a real cloud: what is repeated, taken back or lost. LAB_LONG=1 tries all
// cases, and servers and backups, too; the fake is held to all of them in test/contract.
import plugin from '../../../src/plugins/openstack/plugin.ts'
import { ContractBroken } from '../../../src/testing/contract/broken.ts'
import type { ContractSubject } from '../../../src/testing/contract/subject.ts'
import { contractCases, tryCase } from '../../../src/testing/contract/suite.ts'
import { savingSubject, suspendingSubject } from '../../support/openstack/contract-site.ts'
import { serverOnLab, volumeOnLab } from '../../support/openstack/lab/things-on-lab.ts'

const isLong = process.env['LAB_LONG'] !== undefined
const power = /^(?:power|statistics)\./
// Not apply.older: what Cinder's NFS driver restores into a volume with snapshots it cannot delete snapshots of any more.
const all = /^(?:cut|settle|verify|delete|apply(?!\.older)|cancel|names)\./
const main = /^(?:cut\.(?:in_doubt|undone_by_key)|settle\.twice|verify\.missing|delete\.exactly_that)$/

function contractOf(name: string, subject: ContractSubject, which: RegExp): void {
  describe(`lab: the contract of ${name}`, function () {
    this.timeout(240_000)

    for (const one of contractCases.filter(({ id }) => which.test(id))) {
      it(`${one.id}: ${one.claim}`, async function () {
        const { outcome, reason } = await tryCase(subject, one)
        if (outcome === 'broken') throw new ContractBroken(reason ?? one.id)
        if (outcome === 'skipped') this.skip()
      })
    }
  })
}

contractOf('servers that sleep', suspendingSubject(plugin, serverOnLab), power)
contractOf('snapshots of volumes', savingSubject(plugin, volumeOnLab, 'Volume', true), isLong ? all : main)
if (isLong) {
  contractOf('snapshots of servers', savingSubject(plugin, serverOnLab, 'Server', true), all)
  contractOf('backups of servers', savingSubject(plugin, serverOnLab, 'Server', false), all)
  contractOf('backups of volumes', savingSubject(plugin, volumeOnLab, 'Volume', false), all)
}
