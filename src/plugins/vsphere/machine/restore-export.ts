// A machine put back from files: every byte is verified first, then a new one is imported beside the one that is there, which
// goes only when the new one is whole. Each step is found done when it is carried on.
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Duration } from '../../../kernel/duration.ts'
import { allOf, at, textAt } from '../client/element.ts'
import { inLease, newLease } from '../client/lease.ts'
import { badAnswer } from '../client/network-faults.ts'
import { anyText, struct, type Field, type Ref } from '../client/value.ts'
import type { VCenter } from '../client/vcenter.ts'
import { copyDamaged } from '../errors.ts'
import { digestOf, markName } from '../mark.ts'
import { checkExport, type ExportCopy } from './export-copy.ts'
import { manifestIn, readDescriptor, type Manifest, type SavedDisk } from './export-folder.ts'
import { placeOfMachine } from './export-place.ts'
import { untilIdle } from './idle.ts'
import type { Machine } from './machine.ts'
import { objectsNamed } from './machine-of.ts'
import { addressesKept, marked, sameAs, takePlace } from './restore-clone.ts'

export interface ExportRestore {
  readonly vcenter: VCenter
  readonly copy: ExportCopy
  /** Names the work: the same over all attempts. */
  readonly key: string
  /** What is in its place now; undefined: nothing is. */
  readonly current: Machine | undefined
  readonly limit: Duration
}

/** Gives the machine that is in its place now. */
export async function restoreExport({ vcenter, copy, key, current, limit }: ExportRestore): Promise<Ref> {
  const check = await checkExport(copy, vcenter.signal)
  const found = await manifestIn(copy.folder, copy.mark)
  const descriptor = await readDescriptor(copy.folder)
  if (!check.isUsable || found === undefined || descriptor === undefined) {
    throw copyDamaged(copy.name, check.reason ?? 'it is not there')
  }
  const mark = digestOf(`${key}#restore of ${copy.providerId}`)
  const name = `${copy.machineName.slice(0, 40)}-${mark.slice(0, 12)}-new`
  const known = (await marked(vcenter, name, mark)) ?? (await marked(vcenter, copy.machineName, mark))
  const next =
    known ?? (await importNew({ vcenter, copy, current, limit, name, mark, descriptor, manifest: found.manifest }))
  return takePlace(vcenter, { next, current, copy, mark, limit })
}

interface Import extends Omit<ExportRestore, 'key'> {
  readonly name: string
  readonly mark: string
  readonly descriptor: string
  readonly manifest: Manifest
}

async function importNew(work: Import): Promise<Ref> {
  const { vcenter, current, limit, name, mark } = work
  // One that bears the name and no mark is what an attempt before left half done.
  for (const half of await objectsNamed(vcenter, { type: 'VirtualMachine', name })) {
    await untilIdle(vcenter, half, limit)
    await vcenter.run(half, 'Destroy_Task', [], { limit })
  }
  const made = await upload(work)
  const option = struct(
    [
      ['key', markName],
      ['value', anyText(mark)],
    ],
    'OptionValue',
  )
  const spec = struct([
    ['deviceChange', await addressesKept(vcenter, made, current)],
    ['extraConfig', option],
  ])
  await vcenter.run(made, 'ReconfigVM_Task', [['spec', spec]], { limit })
  return made
}

async function upload({ vcenter, copy, current, limit, name, descriptor, manifest }: Import): Promise<Ref> {
  const place = current === undefined ? copy.place : await placeOfMachine(vcenter, current.ref)
  const networks = place.networks.map((network) =>
    struct([
      ['name', network.name],
      ['network', { type: network.type, id: network.id }],
    ]),
  )
  const answer = await vcenter.call(await vcenter.manager('ovfManager'), 'CreateImportSpec', [
    ['ovfDescriptor', descriptor],
    ['resourcePool', place.pool],
    ['datastore', { type: 'Datastore', id: place.datastoreId }],
    [
      'cisp',
      struct([
        ['locale', ''],
        ['deploymentOption', ''],
        ['entityName', name],
        ['networkMapping', networks],
      ]),
    ],
  ])
  const result = at(answer, 'returnval')
  const spec = at(result, 'importSpec')
  const problem = textAt(result, 'error', 'localizedMessage')
  for (const warning of allOf(result, 'warning')) {
    vcenter.log.warning(`${copy.machineName}: ${textAt(warning, 'localizedMessage') ?? ''}`)
  }
  if (spec === undefined || problem !== undefined) {
    throw copyDamaged(copy.name, problem ?? 'the vCenter makes nothing of its description')
  }
  const args: readonly Field[] = [
    ['spec', sameAs(spec)],
    ['folder', { type: 'Folder', id: place.folderId }],
  ]
  const lease = await newLease(vcenter, place.pool, 'ImportVApp', args)
  const files = allOf(result, 'fileItem').map((item) => ({
    importKey: textAt(item, 'deviceId') ?? '',
    name: textAt(item, 'path') ?? '',
    isNew: textAt(item, 'create') === 'true',
  }))
  const total = manifest.disks.reduce((sum, disk) => sum + disk.bytes, 0)
  return inLease(vcenter, lease, limit, async ({ entity, disks, signal, progress }) => {
    let bytes = 0
    for (const saved of manifest.disks) {
      const item = files.find((one) => one.name === saved.name)
      const target = disks.find((one) => one.importKey === item?.importKey)
      if (item === undefined || target === undefined) {
        throw badAnswer({ name: 'ImportVApp', isRead: false, origin: '' }, `it takes no ${saved.name}`)
      }
      const told = (more: number): void => {
        bytes += more
        progress((bytes * 100) / total)
      }
      const body = source(copy, saved, told)
      try {
        await vcenter.transfer({
          call: { name: `upload ${saved.name}`, isRead: false, origin: new URL(target.url).origin },
          url: target.url,
          method: item.isNew ? 'PUT' : 'POST',
          headers: {
            'content-type': 'application/x-vnd.vmware-streamVmdk',
            'content-length': String(saved.bytes),
            ...(item.isNew ? { overwrite: 't' } : {}),
          },
          body,
          signal,
          thumbprint: target.thumbprint,
          take: async (answered) => {
            for await (const _ of answered);
          },
        })
      } finally {
        body.destroy()
      }
    }
    return entity
  })
}

function source({ folder }: ExportCopy, { name }: SavedDisk, told: (bytes: number) => void) {
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(join(folder, name), { highWaterMark: 1024 * 1024 })) {
      yield chunk as Uint8Array
      told((chunk as Uint8Array).byteLength)
    }
  }
  return Readable.from(counted(), { objectMode: false })
}
