// Puts a domain back to a snapshot that has layers above it: off, new layers on the old files, and started as it was.
// libvirt itself refuses this before 9.9. Each step may be done again.
import {
  firstAt,
  attributeAt,
  editAt,
  element,
  withAttributes,
  withChild,
  withoutChild,
  type XmlElement,
} from '../xml/element.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { define, domainXml, start } from '../client/flags.ts'
import { unlessDone } from '../domain/go-on.ts'
import { isOff, isPaused, stateOf } from '../domain/state.ts'
import { parseXml } from '../xml/parse.ts'
import { writeXml } from '../xml/write.ts'
import { disksOf } from './disks.ts'
import { activeChains, listSnapshots, ownFiles } from './known-snapshots.ts'
import { makeLayers, removeFiles, type LayerFile } from './layer-files.ts'
import { unneededFiles } from './layers.ts'
import { overlayPath } from './snapshot-name.ts'
import { tellLayers } from './tell-layers.ts'
import { dropSavedMemory, notReverted, type SnapshotScene } from './snapshot-scene.ts'

const property = 'snapshot_restore'

/** Target -> the layer that the domain shall write to. */
type NewLayers = ReadonlyMap<string, LayerFile>

export async function putLayersBack(ctx: OperationContext, scene: SnapshotScene): Promise<void> {
  const layers = newLayers(ctx, scene)
  const before = await rememberBefore(ctx, scene, layers)
  await makeLayers(ctx, scene.hypervisor, [...layers.values()])
  const { hypervisor, dom } = scene
  const { signal } = ctx
  await unlessDone(hypervisor.urgent.call('DOMAIN_DESTROY', { dom }, { signal }))
  await dropSavedMemory(ctx, scene)
  const old = await hypervisor.call(
    'DOMAIN_GET_XML_DESC',
    { dom, flags: domainXml.secure | domainXml.inactive },
    { signal },
  )
  const xml = definitionWith(scene, layers)
  await hypervisor.call('DOMAIN_DEFINE_XML_FLAGS', { xml, flags: define.validate }, { signal })
  try {
    if (before.state !== 'off') await startAgain(ctx, scene, before.state)
    await checkRuns(ctx, scene, layers)
  } catch (thrown) {
    await undo(ctx, scene, old.xml, before.state).catch((again: unknown) => {
      ctx.log.error(`Domain ${dom.name} could not be put back to what it was, either: ${String(again)}`)
    })
    throw thrown
  }
  const paths = new Map([...layers].map(([target, { path }]) => [target, path]))
  await tellLayers(ctx, scene, { layers: paths, isCurrent: true })
  await removeWhatCameAfter(ctx, scene, layers, before)
  delete ctx.instance.runtimeProperties[property]
}

function newLayers(ctx: OperationContext, { snapshot, settings }: SnapshotScene): NewLayers {
  const { key } = ctx.operation
  const folder = settings.options.path('snapshot_dir')
  return new Map(
    snapshot.disks.map(({ target, chain: [below = ''] }) => {
      return [target, { path: overlayPath(below, { name: snapshot.name, key, folder }), below }]
    }),
  )
}

interface Before {
  readonly state: 'running' | 'paused' | 'off'
  /** What the domain wrote to. */
  readonly files: readonly string[]
  /** What attempts have made, this one's among it: libvirt was perhaps never told of it. */
  readonly made: readonly string[]
}

/**
 * On disk before it is turned off: a later attempt finds it off, and must start it all the same. One whose lease was over
 * goes on under another key; what the attempts before it have made or replaced is its to clear.
 */
async function rememberBefore(ctx: OperationContext, scene: SnapshotScene, layers: NewLayers): Promise<Before> {
  const { key } = ctx.operation
  const run = ctx.execution.id
  const paths = [...layers.values()].map(({ path }) => path)
  const known = ctx.instance.runtimeProperties[property]
  const earlier = known !== undefined && isJsonObject(known) ? known : {}
  const files = textsIn(earlier['files'])
  const made = union(textsIn(earlier['made']), paths)
  const state = earlier['run'] === run ? (earlier['state'] as Before['state']) : await stateNow(ctx, scene)
  if (earlier['run'] === run && earlier['key'] === key) return { state, files, made }
  const involved = new Set(scene.snapshot.disks.map(({ target }) => target))
  const active = [...scene.layering.active].flatMap(([target, chain]) => (involved.has(target) ? chain : []))
  const before: Before = { state, files: union(files, active), made }
  ctx.instance.runtimeProperties[property] = { run, key, ...before }
  await ctx.save()
  return before
}

async function stateNow(ctx: OperationContext, scene: SnapshotScene): Promise<Before['state']> {
  const found = await stateOf(ctx, scene)
  return isOff(found) ? 'off' : isPaused(found) ? 'paused' : 'running'
}

const union = (...lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())]

function textsIn(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter((one) => typeof one === 'string') : []
}

/** As it was defined at the cut, with new layers to write to. */
function definitionWith({ snapshot: { document } }: SnapshotScene, layers: NewLayers): string {
  const kept = firstAt(document, 'inactiveDomain') ?? firstAt(document, 'domain') ?? element('domain')
  return writeXml(editAt({ ...kept, name: 'domain' }, 'devices/disk', (disk) => withLayer(disk, layers)))
}

function withLayer(disk: XmlElement, layers: NewLayers): XmlElement {
  const layer = layers.get(attributeAt(disk, 'target', 'dev') ?? '')
  if (!layer) return disk
  const driver = firstAt(disk, 'driver') ?? element('driver', { name: 'qemu' })
  const qcow2 = withChild(withoutChild(disk, 'backingStore'), withAttributes(driver, { type: 'qcow2' }))
  return withChild(withAttributes(qcow2, { type: 'file' }), element('source', { file: layer.path }))
}

async function startAgain(
  ctx: OperationContext,
  { hypervisor, dom }: SnapshotScene,
  state: Before['state'],
): Promise<void> {
  const flags = state === 'paused' ? start.paused : 0
  await unlessDone(hypervisor.call('DOMAIN_CREATE_WITH_FLAGS', { dom, flags }, { signal: ctx.signal }))
}

async function checkRuns(ctx: OperationContext, scene: SnapshotScene, layers: NewLayers): Promise<void> {
  const { hypervisor, dom } = scene
  const { xml } = await hypervisor.call('DOMAIN_GET_XML_DESC', { dom }, { signal: ctx.signal })
  const used = new Map(
    disksOf(parseXml(xml, `the domain '${dom.name}'`)).map(({ target, chain }) => [target, chain[0]]),
  )
  const wrong = [...layers].find(([target, { path }]) => used.get(target) !== path)
  if (wrong) throw notReverted(scene, `its disk ${wrong[0]} is not the one of the snapshot`)
}

/** The old definition, whose files nobody has touched. */
async function undo(ctx: OperationContext, scene: SnapshotScene, xml: string, state: Before['state']): Promise<void> {
  const signal = new AbortController().signal
  const { hypervisor, dom } = scene
  await unlessDone(hypervisor.urgent.call('DOMAIN_DESTROY', { dom }, { signal }))
  await hypervisor.call('DOMAIN_DEFINE_XML_FLAGS', { xml }, { signal })
  if (state !== 'off') await startAgain({ ...ctx, signal }, scene, state)
}

/** Layers that were written to after the cut, and that no other snapshot rests on. */
async function removeWhatCameAfter(
  ctx: OperationContext,
  { hypervisor, dom, known }: SnapshotScene,
  layers: NewLayers,
  before: Before,
): Promise<void> {
  const place = { calls: hypervisor, dom }
  const others = await listSnapshots(ctx, place)
  const active = await activeChains(ctx, place, others)
  const unneeded = unneededFiles(
    union(before.files, before.made),
    { active, others },
    new Set([...ownFiles(known), ...before.made]),
  )
  const used = new Set([...layers.values()].map(({ path }) => path))
  await removeFiles(
    ctx,
    hypervisor,
    unneeded.filter((file) => !used.has(file)),
  )
}
