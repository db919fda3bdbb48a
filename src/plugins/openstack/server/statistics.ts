// statistics.perfomance of a server: two looks at Nova's diagnostics, and the share of the time between them that it computed.
// Who may not see those gets what is known without: what the server is made of, and how long it has been there.
import { seconds } from '../../../kernel/duration.ts'
import { Fault } from '../../../kernel/fault.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import { operation } from '../../contract/operation.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { diagnosticFigures, type Diagnostics, type Figures, type Sample } from './usage.ts'
import { serverOfNode } from './server-of.ts'
import { powerOf, serverOf, type Server } from './server.ts'

const usualLength = seconds(1)

export const performance = operation({
  async run(ctx, inputs) {
    const { cloud, serverId, settings } = await serverOfNode(ctx, inputs)
    const server = await serverOf(cloud, serverId)
    const known = { ...(await sizeOf(cloud, server)), running: powerOf(server) === 'running' ? 1 : 0 }
    const first = powerOf(server) === 'running' ? await look(cloud, serverId) : undefined
    let figures: Figures = known
    if (typeof first === 'object') {
      await ctx.world.clock.sleep(settings.options.seconds('sample', 60) ?? usualLength, ctx.signal)
      const second = await look(cloud, serverId)
      // It may have been turned off in between.
      figures = { ...known, ...diagnosticFigures(first, typeof second === 'object' ? second : first) }
    } else if (first !== undefined) {
      ctx.log.warning(`The cloud does not tell what server ${server.name} uses (${first}): only its size is known`)
    } else {
      figures = { ...known, cpu: { value: 0, unit: '%' } }
    }
    ctx.instance.runtimeProperties['stat'] = figures as unknown as Json
    return figures as unknown as JsonObject
  },
})

/** A text: why there are none. */
async function look(cloud: Cloud, serverId: string): Promise<Sample | string> {
  const { clock } = cloud.world
  const asked = clock.monotonic()
  const microversion = (await cloud.supports('compute', '2.48')) ? '2.48' : undefined
  try {
    const { body } = await cloud.request<Diagnostics>({
      service: 'compute',
      method: 'GET',
      path: pathOf`/servers/${serverId}/diagnostics`,
      microversion,
    })
    return { at: (asked + clock.monotonic()) / 2, diagnostics: body }
  } catch (thrown) {
    // Diagnostics are an administrator's, as a rule; not every hypervisor has them, and none of what was just turned off.
    const isKnown = thrown instanceof Fault && thrown.retry === 'never' && thrown.effect === 'none'
    if (!isKnown || thrown.code === 'openstack.not_found') throw thrown
    return thrown.message
  }
}

async function sizeOf(cloud: Cloud, { flavor }: Server): Promise<Figures> {
  const { id } = flavor
  const shown =
    typeof id === 'string'
      ? (await cloud.find<{ readonly flavor: JsonObject }>({ service: 'compute', path: pathOf`/flavors/${id}` }))
          ?.flavor
      : flavor
  const of = (name: string, unit: string) => {
    const value = shown?.[name]
    return typeof value === 'number' ? { value, unit } : undefined
  }
  const [vcpus, memory, disk] = [of('vcpus', 'count'), of('ram', 'MiB'), of('disk', 'GiB')]
  return { ...(vcpus && { vcpus }), ...(memory && { memory }), ...(disk && { disk }) }
}
