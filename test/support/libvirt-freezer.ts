// A process of its own that freezes the guest of a domain, says so, and then waits to be killed.
import { domainOf } from '../../src/plugins/libvirt/domain/domain-of.ts'
import { armBesideSocket } from '../../src/plugins/libvirt/freeze/host-deadman.ts'
import { deadman, domainNode, operations } from './libvirt-domain-node.ts'

const { uri, domain, lease, kind } = JSON.parse(process.argv[2] ?? '') as {
  uri: string
  domain: string
  lease: number
  kind: 'guest' | 'host'
}
const node = domainNode(uri, domain)
const context = () => node.context('freeze.fs_prepare')
const request = { token: 'freezer', lease }
// The lease is for the freeze alone, not for a look at the guest.
await deadman.probe?.(context())
const handle =
  kind === 'guest'
    ? await deadman.arm(context(), request)
    : await armBesideSocket(context(), await domainOf(context()), request)
await operations.freeze.freeze(context(), {})
process.stdout.write(`${JSON.stringify(handle)}\n`)
setInterval(() => {}, 1000)
