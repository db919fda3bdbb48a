// The XML that libvirt is given for a backup: the job, the checkpoint, pools and volumes.
import { element, type XmlElement } from '../xml/element.ts'
import { writeXml } from '../xml/write.ts'

export interface JobDisk {
  readonly target: string
  /** Where it is written to; undefined: it is left out. */
  readonly path?: string
  /** Only what changed since the job's checkpoint. */
  readonly isIncremental?: boolean
}

/** All disks are named: what libvirt would do with others is its own default. */
export function backupXml(disks: readonly JobDisk[], since?: string): string {
  const of = ({ target, path, isIncremental = false }: JobDisk): XmlElement => {
    if (path === undefined) return element('disk', { name: target, backup: 'no' })
    // Older versions know the checkpoint of the whole job alone.
    const mode = since !== undefined && !isIncremental ? 'full' : null
    return element(
      'disk',
      { name: target, backup: 'yes', type: 'file', backupmode: mode },
      element('driver', { type: 'qcow2' }),
      element('target', { file: path }),
    )
  }
  const incremental = since === undefined ? null : element('incremental', {}, since)
  return writeXml(element('domainbackup', { mode: 'push' }, incremental, element('disks', {}, ...disks.map(of))))
}

/** `kept`: disks whose changes are to be tracked from now on; the others cannot carry that. */
export function checkpointXml(name: string, key: string, disks: readonly string[], kept: ReadonlySet<string>): string {
  const of = (target: string): XmlElement =>
    element('disk', { name: target, checkpoint: kept.has(target) ? 'bitmap' : 'no' })
  const description = `made by fermata, operation ${key}`
  return writeXml(
    element(
      'domaincheckpoint',
      {},
      element('name', {}, name),
      element('description', {}, description),
      element('disks', {}, ...disks.map(of)),
    ),
  )
}

/** A folder that others may pass through, for QEMU's own user opens its file by path, but not list. */
export function folderPoolXml(name: string, path: string): string {
  const permissions = element('permissions', {}, element('mode', {}, '0711'))
  const target = element('target', {}, element('path', {}, path), permissions)
  return writeXml(element('pool', { type: 'dir' }, element('name', {}, name), target))
}

export interface NewVolume {
  readonly name: string
  readonly bytes: bigint
  readonly format: string
}

/** Readable by nobody but the hypervisor. */
export function volumeXml({ name, bytes, format }: NewVolume): string {
  return writeXml(
    element(
      'volume',
      {},
      element('name', {}, name),
      element('capacity', { unit: 'bytes' }, String(bytes)),
      element('allocation', { unit: 'bytes' }, '0'),
      element(
        'target',
        {},
        element('format', { type: format }),
        element('permissions', {}, element('mode', {}, '0600')),
        // The older form of qcow2, libvirt's default, cannot track changes.
        format === 'qcow2' ? element('compat', {}, '1.1') : null,
      ),
    ),
  )
}
