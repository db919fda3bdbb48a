// A process of its own that freezes the guest of a domain, says so, and then waits to be killed.
import { deadman, domainNode, operations } from './libvirt-domain-node.ts'

const { uri, domain, lease, kind } = JSON.parse(process.argv[2] ?? '') as {
  uri: string
  domain: string
  lease: number
  kind: 'guest' | 'host'
}
const node = domainNode(uri, domain, { deadman: kind })
const context = () => node.context('freeze.fs_prepare')
// The lease is for the freeze alone, not for a look at the guest.
await deadman.probe?.(context())
const handle = await deadman.arm(context(), { token: 'freezer', lease })
await operations.freeze.freeze(context(), {})
process.stdout.write(`${JSON.stringify(handle)}\n`)
setInterval(() => {}, 1000)
