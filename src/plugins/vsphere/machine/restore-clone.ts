// A machine put back from a whole copy: a second clone takes its place, and the one that was there goes only when that stands.
// Each step is found done when it is carried on.
import { seconds, type Duration } from '../../../kernel/duration.ts'
import { refIn, textAt, type Element } from '../client/element.ts'
import { anyText, struct, type Field, type Ref, type Struct, type VimValue } from '../client/value.ts'
import type { VCenter } from '../client/vcenter.ts'
import { copyDamaged, missing } from '../errors.ts'
import { digestOf, markName } from '../mark.ts'
import { checkClone, type CloneCopy } from './clone-copy.ts'
import { untilIdle } from './idle.ts'
import { findMachine, machineOf, refOf, type Machine } from './machine.ts'
import { objectsNamed } from './machine-of.ts'
import { bring } from './power.ts'

export interface CloneRestore {
  readonly vcenter: VCenter
  readonly copy: CloneCopy
  /** Names the work: the same over all attempts. */
  readonly key: string
  /** What is in its place now; undefined: nothing is. */
  readonly current: Machine | undefined
  readonly limit: Duration
}

/** Gives the machine that is in its place now. */
export async function restoreClone({ vcenter, copy, key, current, limit }: CloneRestore): Promise<Ref> {
  const check = await checkClone(vcenter, copy)
  if (!check.isUsable) throw copyDamaged(copy.name, check.reason ?? 'it is not there')
  const source = refOf(copy.cloneId ?? '')
  const mark = digestOf(`${key}#restore of ${copy.providerId}`)
  const name = `${copy.machineName.slice(0, 40)}-${mark.slice(0, 12)}-new`
  await untilIdle(vcenter, source, limit)
  const known = (await marked(vcenter, name, mark)) ?? (await marked(vcenter, copy.machineName, mark))
  const next = known ?? (await cloneBack({ vcenter, copy, source, name, mark, current, limit }))
  return takePlace(vcenter, { next, current, copy, mark, limit })
}

/** What is in its place now goes only for one that is whole. */
export async function takePlace(vcenter: VCenter, { next, current, copy, mark, limit }: Successor): Promise<Ref> {
  if (current !== undefined && current.ref.id !== next.id) {
    await bring(vcenter, current.ref, 'poweredOff', limit)
    await clear(vcenter, current, mark, limit)
  }
  await rename(vcenter, next, copy.machineName, limit)
  await bring(vcenter, next, copy.power === 'poweredOn' ? 'poweredOn' : 'poweredOff', limit)
  return next
}

export interface Successor {
  readonly next: Ref
  readonly current: Machine | undefined
  readonly copy: Pick<CloneCopy, 'machineName' | 'power'>
  readonly mark: string
  readonly limit: Duration
}

// Its snapshots go with a machine, and other backups may rest on them: such a one is put aside.
async function clear(vcenter: VCenter, current: Machine, mark: string, limit: Duration): Promise<void> {
  if (current.snapshots.length === 0) return void (await vcenter.run(current.ref, 'Destroy_Task', [], { limit }))
  const aside = `${current.name.slice(0, 40)}-${mark.slice(0, 12)}-before`
  await rename(vcenter, current.ref, aside, limit)
  vcenter.log.warning(`${current.name} had snapshots and is kept, turned off, as ${aside} (${current.ref.id})`)
}

// A vCenter refuses a name that is the same already.
export async function rename(vcenter: VCenter, ref: Ref, name: string, limit: Duration): Promise<void> {
  if ((await machineOf(vcenter, ref)).name === name) return
  await vcenter.run(ref, 'Rename_Task', [['newName', name]], { limit })
}

export async function marked(vcenter: VCenter, name: string, mark: string): Promise<Ref | undefined> {
  for (const ref of await objectsNamed(vcenter, { type: 'VirtualMachine', name })) {
    const options = (await vcenter.find(ref, ['config.extraConfig']))?.values.get('config.extraConfig')?.children ?? []
    if (options.some((one) => textAt(one, 'key') === markName && textAt(one, 'value') === mark)) return ref
  }
  return undefined
}

interface Cloning extends Omit<CloneRestore, 'key'> {
  readonly source: Ref
  readonly name: string
  readonly mark: string
}

async function cloneBack({ vcenter, copy, source, name, mark, current, limit }: Cloning): Promise<Ref> {
  const there = current?.ref ?? source
  const { values } = await vcenter.read(there, ['parent', 'resourcePool'])
  const folder = refIn(values.get('parent'))
  const pool = refIn(values.get('resourcePool'))
  if (folder === undefined || pool === undefined) throw missing('place of machine', copy.machineName)
  const option: Struct = struct(
    [
      ['key', markName],
      ['value', anyText(mark)],
    ],
    'OptionValue',
  )
  const config = struct([
    ['deviceChange', await addressesKept(vcenter, source, current)],
    ['extraConfig', option],
  ])
  const spec = struct([
    ['location', struct([['pool', pool]])],
    ['template', false],
    ['config', config],
    ['powerOn', false],
  ])
  const args: readonly Field[] = [
    ['folder', folder],
    ['name', name],
    ['spec', spec],
  ]
  const result = await vcenter.run(source, 'CloneVM_Task', args, { limit: Math.max(limit, seconds(60)) })
  return refOf(result?.text.trim() ?? '')
}

// A clone gets addresses of its own; whoever knew the machine by its old ones would not find it.
export async function addressesKept(
  vcenter: VCenter,
  source: Ref,
  current: Machine | undefined,
): Promise<readonly Struct[]> {
  const clone = await findMachine(vcenter, source)
  const addresses = new Map(
    (current?.devices ?? []).flatMap((device) => {
      const address = textAt(device, 'macAddress')
      return address === undefined ? [] : [[textAt(device, 'key') ?? '', address] as const]
    }),
  )
  return (clone?.devices ?? []).flatMap((device) => {
    const address = addresses.get(textAt(device, 'key') ?? '')
    if (address === undefined) return []
    return [
      struct([
        ['operation', 'edit'],
        ['device', sameAs(device, { macAddress: address })],
      ]),
    ]
  })
}

/** What a vCenter told, to be sent back to it, but for these plain fields. */
export function sameAs(element: Element, changes: Readonly<Record<string, string>> = {}): Struct {
  const fields = element.children.map((child): Field => [child.name, changes[child.name] ?? valueOf(child)])
  return struct(fields, element.xsiType)
}

const plainTypes: ReadonlySet<string> = new Set([
  'string',
  'boolean',
  'byte',
  'short',
  'int',
  'long',
  'float',
  'double',
])

function valueOf(element: Element): VimValue {
  const ref = refIn(element)
  if (ref !== undefined) return ref
  if (element.children.length > 0 || element.text === '') return sameAs(element)
  const { xsiType, text } = element
  // Where anything may stand, a plain value has to say what it is.
  return xsiType !== undefined && plainTypes.has(xsiType) ? { xsd: xsiType, text } : text
}
