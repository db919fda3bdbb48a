// The life of a disk: made once, grown, deleted. One that was there before is used as it is, and stays.
import { Fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import { operation, type PluginOperation } from '../../contract/operation.ts'
import { pathOf } from '../client/project.ts'
import { missing, notCreated } from '../errors.ts'
import { sceneOf, zoneOf, type Scene } from '../settings.ts'
import { labelsOf, makeOnce, workOf } from '../work.ts'
import { forgetDisk, recordDisk } from './record.ts'
import { gone } from './snapshot.ts'
import { diskPath, findDisk, readDisk, type DiskView } from './views.ts'

const name = 'cloudify_gcp.compute.disk'
const part = 'disk'

export const diskLifecycle: Readonly<Record<string, PluginOperation>> = {
  [`${name}.create`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const zone = zoneOf(scene)
      const { settings, project } = scene
      const disk = settings.isExternal ? await external(scene, zone) : await made(scene, zone)
      recordDisk(ctx, settings, zone, disk)
      await ctx.save()
      ctx.log.info(`${settings.isExternal ? 'Uses the external' : 'Created'} disk ${disk.name} of ${project.name}`)
    },
  }),
  [`${name}.delete`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const { settings, project } = scene
      const known = settings.recordedName
      if (settings.isExternal) ctx.log.info(`Disk ${known ?? ''} is external and left as it is`)
      else if (known !== undefined) {
        const zone = zoneOf(scene)
        await gone(project, 'disk', known, diskPath(zone, known), () => findDisk(project, zone, known))
        ctx.log.info(`Deleted disk ${known}`)
      }
      forgetDisk(ctx)
    },
  }),
  [`${name}.resize`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const { settings, project } = scene
      const known = settings.recordedName
      if (known === undefined) throw notCreated('disk')
      const size = settings.options.required('size_gb', (key) => settings.options.integer(key, 1))
      const zone = zoneOf(scene)
      const { sizeGb } = await readDisk(project, zone, known)
      if (Number(sizeGb) < size) {
        await project.change({ path: `${diskPath(zone, known)}/resize`, body: { sizeGb: String(size) } })
      }
      recordDisk(ctx, settings, zone, await readDisk(project, zone, known))
      ctx.log.info(`Disk ${known} has ${Math.max(size, Number(sizeGb))} GB`)
    },
  }),
}

async function external({ project, settings }: Scene, zone: string): Promise<DiskView> {
  const disk = await findDisk(project, zone, settings.wantedName)
  if (disk === undefined) throw missing('disk', settings.wantedName)
  return disk
}

async function made(scene: Scene, zone: string): Promise<DiskView> {
  const { ctx, project, settings } = scene
  const called = settings.recordedName ?? settings.wantedName
  ctx.instance.runtimeProperties['name'] = called
  try {
    return await makeOnce<DiskView>(workOf(ctx, project), {
      part,
      kind: 'disk',
      name: called,
      find: () => findDisk(project, zone, called),
      change: { path: pathOf`/zones/${zone}/disks`, body: bodyOf(scene, called) },
    })
  } catch (thrown) {
    // Somebody else's disk of that name must not be deleted by us.
    if (thrown instanceof Fault && thrown.effect === 'none') delete ctx.instance.runtimeProperties['name']
    throw thrown
  }
}

function bodyOf({ ctx, project, settings }: Scene, called: string): JsonObject {
  const { options, additional } = settings
  const image = options.text('image')
  const { labels } = additional
  return {
    name: called,
    sizeGb: String(options.integer('size', 1) ?? 10),
    ...(image === undefined ? {} : { sourceImage: image }),
    ...additional,
    labels: { ...(labels as object | undefined), ...labelsOf(workOf(ctx, project), part) },
  }
}
