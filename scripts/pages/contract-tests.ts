// Which tests hold a provider to the contract. Those of labs need a lab; the others run with all tests.
export const contractTests: Readonly<Record<string, readonly string[]>> = {
  local: ['test/contract/local-keeps-the-contract.test.ts'],
  script: ['test/contract/script-keeps-the-contract.test.ts'],
  ssh: ['test/lab/ssh/freezes-keep-the-contract.test.ts'],
  libvirt: [
    'test/contract/libvirt-on-the-fake.test.ts',
    'test/contract/libvirt-networks-and-storage-on-the-fake.test.ts',
    'test/lab/libvirt/keeps-the-contract.test.ts',
  ],
  openstack: ['test/contract/openstack-on-the-fake.test.ts', 'test/lab/openstack/keeps-the-contract.test.ts'],
  vsphere: ['test/lab/vsphere/keeps-the-contract.test.ts', 'test/lab/vsphere/freezes-keep-the-contract.test.ts'],
  gcp_plugin: ['test/contract/gcp-on-the-fake.test.ts'],
}
