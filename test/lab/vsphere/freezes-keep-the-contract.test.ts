// The contract suite over file systems of a guest, frozen by its kernel through the guest operations of the vCenter.
import plugin from '../../../src/plugins/vsphere/plugin.ts'
import { contractSuite } from '../../../src/testing/index.ts'
import { describeGuests, guestUsers, labGuest } from './guest-on-lab.ts'
import { connectionConfig } from './lab.ts'
import { newMachine, removeMachine } from './machine-on-lab.ts'

describeGuests('lab: freezes of vSphere guests', () => {
  contractSuite('vSphere guests that are frozen, in the lab', {
    plugin,
    async node() {
      const ref = await newMachine()
      const guest = await labGuest(ref)
      return {
        type: 'cloudify.nodes.vsphere.Server',
        operations: {
          'cloudify.interfaces.freeze.fs_prepare': 'vsphere_server_plugin.server.fs_prepare',
          'cloudify.interfaces.freeze.fs_finalize': 'vsphere_server_plugin.server.fs_finalize',
        },
        properties: {
          connection_config: connectionConfig,
          use_external_resource: true,
          guest_credentials: guestUsers.root,
        },
        runtimeProperties: { vsphere_server_id: ref.id, use_external_resource: true },
        secrets: { guest: guestUsers.root.password },
        // A busy machine takes its time to arm.
        lease: 4000,
        isFrozen: () => guest.isFrozen(),
        async [Symbol.asyncDispose]() {
          await guest[Symbol.asyncDispose]()
          await removeMachine(ref)
        },
      }
    },
  })
})

after(() => plugin.close?.())
