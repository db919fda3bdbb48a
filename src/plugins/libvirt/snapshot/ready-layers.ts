// Layers that are made while the guest still runs, so that the cut has only to put them on: half of what the guest would
// wait for is making them. Whatever came of the cut, none is left that nobody uses.
import type { Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { NodeDomain } from '../domain/domain-of.ts'
import type { DomainDisk } from './disks.ts'
import { activeChains, listSnapshots } from './known-snapshots.ts'
import { makeLayerAt, removeFiles } from './layer-files.ts'
import { overlayPath } from './snapshot-name.ts'

const property = 'ready_layers'

/** Undefined where they cannot be made beforehand: the cut makes its own then. */
export async function readyLayers(
  ctx: OperationContext,
  found: NodeDomain,
  { name, disks }: { readonly name: string; readonly disks: readonly DomainDisk[] },
): Promise<ReadonlyMap<string, string> | undefined> {
  const { hypervisor, dom, settings } = found
  const { signal } = ctx
  const folder = settings.options.path('snapshot_dir')
  const key = `${ctx.execution.id}/${ctx.operation.key}`
  const layers = disks.map((disk) => ({ disk, path: overlayPath(disk.chain[0] ?? '', { name, key, folder }) }))
  ctx.instance.runtimeProperties[property] = layers.map(({ path }) => path)
  // On disk before the first is made: whoever thaws may be another process.
  await ctx.save()
  const made = await Promise.all(
    layers.map(async ({ disk: { target, format, chain }, path }) => {
      const { capacity } = await hypervisor.call('DOMAIN_GET_BLOCK_INFO', { dom, path: target }, { signal })
      return makeLayerAt(ctx, hypervisor, { path, capacity, below: { path: chain[0] ?? '', format } })
    }),
  ).catch((thrown: unknown) => {
    ctx.log.debug(`Layers of ${dom.name} could not be made ready: ${String(thrown)}`)
    return [false]
  })
  if (!made.every(Boolean)) return undefined
  return new Map(layers.map(({ disk, path }) => [disk.target, path]))
}

/** After the thaw. `areUsed`: it is known that the cut has put them on. */
export async function tidyLayers(ctx: OperationContext, { hypervisor, dom }: NodeDomain, areUsed: boolean) {
  const given: Json | undefined = ctx.instance.runtimeProperties[property]
  if (!Array.isArray(given)) return
  const paths = (given as readonly Json[]).filter((path) => typeof path === 'string')
  if (!areUsed) {
    const place = { calls: hypervisor, dom }
    const known = await listSnapshots(ctx, place)
    const active = await activeChains(ctx, place, known)
    const held = known.flatMap(({ disks }) => disks.flatMap(({ chain, overlay = '' }) => [overlay, ...chain]))
    const used = new Set([...held, ...[...active.values()].flat()])
    await removeFiles(
      ctx,
      hypervisor,
      paths.filter((path) => !used.has(path)),
    )
  }
  delete ctx.instance.runtimeProperties[property]
}
