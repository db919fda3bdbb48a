// The contract suite over domains of libvirt, on the fake daemon: freeze and deadman, snapshots of both kinds, backups.
import { contractSuite } from '../../src/testing/index.ts'
import { backupSubject, freezingSubject, snapshotSubject } from '../support/libvirt/contract-site.ts'
import { domainOnFake } from '../support/libvirt/domain-on-fake.ts'

contractSuite(
  'libvirt domains that are frozen, with a deadman inside, on the fake',
  freezingSubject(domainOnFake, 'guest'),
)
contractSuite('libvirt domains that are frozen, with one beside, on the fake', freezingSubject(domainOnFake, 'host'))
contractSuite('libvirt snapshots inside disks, on the fake', snapshotSubject(domainOnFake, 'internal'))
contractSuite('libvirt snapshots above disks, on the fake', snapshotSubject(domainOnFake, 'external'))
contractSuite('libvirt backups, on the fake', backupSubject(domainOnFake, 'full'))
contractSuite('libvirt backups in chains, on the fake', backupSubject(domainOnFake, 'incremental'))
