// The contract suite over servers and volumes of OpenStack, on the fake cloud: suspend and resume, snapshots and backups.
import plugin from '../../src/plugins/openstack/plugin.ts'
import { contractSuite } from '../../src/testing/index.ts'
import { savingSubject, suspendingSubject } from '../support/openstack/contract-site.ts'
import { serverOnFake, volumeOnFake } from '../support/openstack/things-on-fake.ts'

contractSuite('OpenStack servers that are suspended, on the fake', suspendingSubject(plugin, serverOnFake(false)))

for (const isSnapshot of [true, false]) {
  const kind = isSnapshot ? 'snapshots' : 'backups'
  const saving = (type: 'Server' | 'Volume', make: ReturnType<typeof serverOnFake>) =>
    savingSubject(plugin, make, type, isSnapshot)
  contractSuite(`OpenStack ${kind} of servers, on the fake`, saving('Server', serverOnFake(false)))
  contractSuite(`OpenStack ${kind} of servers on volumes, on the fake`, saving('Server', serverOnFake(true)))
  contractSuite(`OpenStack ${kind} of free volumes, on the fake`, saving('Volume', volumeOnFake(false)))
  contractSuite(`OpenStack ${kind} of attached volumes, on the fake`, saving('Volume', volumeOnFake(true)))
}
