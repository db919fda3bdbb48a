// The life of an instance: made once, seen to run, turned off and deleted. One that was there before is used as it is, and
// stays.
import { seconds } from '../../../kernel/duration.ts'
import { Fault } from '../../../kernel/fault.ts'
import { operation } from '../../contract/operation.ts'
import { lastPart } from '../client/operations.ts'
import { pathOf } from '../client/project.ts'
import { gone } from '../disk/snapshot.ts'
import { missing } from '../errors.ts'
import { sceneOf, zoneOf, type Scene } from '../settings.ts'
import { labelsOf, makeOnce, workOf } from '../work.ts'
import { describeInstance } from './describe.ts'
import { instanceOfNode, recordedRef } from './instance-of.ts'
import { bring, stopInstance } from './power.ts'
import { forgetInstance, ownDevices, recordInstance } from './record.ts'
import { actOn, findInstance, instancePath, readInstance, type Instance } from './views.ts'

const part = 'instance'
const limit = seconds(1800)

/** Resolves when it runs. */
export const create = operation({
  async run(ctx, inputs) {
    const scene = await sceneOf(ctx, inputs)
    const { settings } = scene
    const instance = settings.isExternal ? await external(scene) : await made(scene)
    recordInstance(ctx, settings, instance)
    await ctx.save()
    ctx.log.info(`${settings.isExternal ? 'Uses the external' : 'Created'} instance ${instance.name}`)
  },
})

async function external(scene: Scene): Promise<Instance> {
  const ref = { zone: zoneOf(scene), name: scene.settings.wantedName }
  const found = await findInstance(scene.project, ref)
  if (found === undefined) throw missing('instance', ref.name)
  return found
}

async function made(scene: Scene): Promise<Instance> {
  const { ctx, project, settings } = scene
  const called = settings.recordedName ?? settings.wantedName
  const ref = { zone: zoneOf(scene), name: called }
  const work = workOf(ctx, project)
  const { body, nodeDevices } = await describeInstance(scene, called)
  const known = ctx.instance.runtimeProperties
  // Durable before it is asked for: what is half made is to be deleted, too.
  Object.assign(known, { name: called, zone: ref.zone, [ownDevices]: nodeDevices })
  await ctx.save()
  const labels = { ...(body['labels'] as object | undefined), ...labelsOf(work, part) }
  try {
    return await makeOnce<Instance>(work, {
      part,
      kind: 'instance',
      name: called,
      find: () => findInstance(project, ref),
      change: { path: pathOf`/zones/${ref.zone}/instances`, body: { ...body, labels }, limit },
    })
  } catch (thrown) {
    // Somebody else's instance of that name must not be deleted by us.
    if (thrown instanceof Fault && thrown.effect === 'none') forgetInstance(ctx)
    throw thrown
  }
}

export const start = operation({
  async run(ctx, inputs) {
    const { project, ref, settings } = await instanceOfNode(ctx, inputs)
    if (!settings.isExternal) await bring(project, ref, 'RUNNING', { deadline: limit })
    recordInstance(ctx, settings, await readInstance(project, ref))
    ctx.log.info(`Instance ${ref.name} ${settings.isExternal ? 'is external and left as it is' : 'runs'}`)
  },
})

export const stop = operation({
  async run(ctx, inputs) {
    const scene = await sceneOf(ctx, inputs)
    const ref = recordedRef(scene)
    if (ref === undefined || (await findInstance(scene.project, ref)) === undefined) return
    if (scene.settings.isExternal) return ctx.log.info(`Instance ${ref.name} is external and left as it is`)
    const dropsLocalSsd = scene.settings.options.boolean('discard_local_ssd') ?? false
    await stopInstance(scene.project, ref, { deadline: limit, dropsLocalSsd })
    ctx.log.info(`Stopped instance ${ref.name}`)
  },
})

export const remove = operation({
  async run(ctx, inputs) {
    const scene = await sceneOf(ctx, inputs)
    const { project, settings } = scene
    const ref = recordedRef(scene)
    if (ref !== undefined && settings.isExternal) ctx.log.info(`Instance ${ref.name} is external and left as it is`)
    else if (ref !== undefined) {
      await gone(project, 'instance', ref.name, instancePath(ref), () => findInstance(project, ref))
      ctx.log.info(`Deleted instance ${ref.name}`)
    }
    forgetInstance(ctx)
  },
})

/** One that runs is off meanwhile. */
export const resize = operation({
  async run(ctx, inputs) {
    const { project, ref, settings } = await instanceOfNode(ctx, inputs)
    const type = settings.options.text('machine_type') ?? 'e2-standard-2'
    const before = await readInstance(project, ref)
    if (lastPart(before.machineType) !== lastPart(type)) {
      await stopInstance(project, ref, { deadline: limit })
      const machineType = `zones/${ref.zone}/machineTypes/${lastPart(type)}`
      await actOn(project, ref, 'setMachineType', { body: { machineType } })
      if (before.status === 'RUNNING') await bring(project, ref, 'RUNNING', { deadline: limit })
    }
    recordInstance(ctx, settings, await readInstance(project, ref))
    ctx.log.info(`Instance ${ref.name} is of type ${lastPart(type)}`)
  },
})
