// The contract suite over ssh.freeze and ssh.thaw: a real file system of a real host, frozen by the kernel.
import plugin from '../../../src/plugins/ssh/plugin.ts'
import { contractSuite } from '../../../src/testing/index.ts'
import { isLabUp, labHost, labMount } from '../../support/ssh-lab.ts'

if (isLabUp()) {
  contractSuite('ssh.freeze', {
    plugin,
    async node() {
      const mount = await labMount(8)
      return {
        operations: {
          'cloudify.interfaces.freeze.fs_prepare': 'freeze',
          'cloudify.interfaces.freeze.fs_finalize': 'thaw',
        },
        type: 'fermata.nodes.ssh.Host',
        properties: { ...labHost(8), mountpoints: [mount.path] },
        lease: 8000,
        isFrozen: () => mount.isFrozen(),
        [Symbol.asyncDispose]: () => mount[Symbol.asyncDispose](),
      }
    },
  })
  after(() => plugin.close?.())
} else {
  describe.skip('the contract of ssh.freeze: the lab is not up (test/lab/ssh/up, as root)', () => {})
}
