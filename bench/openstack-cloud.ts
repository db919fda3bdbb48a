// The fake cloud in a process of its own, for the benchmark: it must not share a processor's time with what is measured.
// Is told how many servers there are and how long each call takes; says where it is, and at each question what it was asked.
import { fakeOpenstack } from '../test/support/openstack/fake-openstack.ts'

export interface CloudOrder {
  readonly servers: number
  /** In ms. */
  readonly callTime: number
}

export interface CloudNews {
  readonly clientConfig: Readonly<Record<string, string>>
  readonly ids: readonly string[]
}

/** Of all calls until now. */
export interface CloudCounts {
  readonly calls: number
  readonly peak: number
  readonly images: number
}

const { servers, callTime } = JSON.parse(process.argv[2] ?? '{}') as CloudOrder
const cloud = await fakeOpenstack()
const ids = Array.from({ length: servers }, (_one, index) => cloud.addServer({ name: `server${index}` }).id)
cloud.fail(/./, { delay: callTime, times: Infinity })

process.on('message', () => {
  const images = [...cloud.state.images.values()].filter(({ status }) => status === 'active').length - 1
  process.send?.({ calls: cloud.calls.length, peak: cloud.peak, images } satisfies CloudCounts)
})
process.on('disconnect', () => process.exit())
process.send?.({ clientConfig: cloud.clientConfig, ids } satisfies CloudNews)
