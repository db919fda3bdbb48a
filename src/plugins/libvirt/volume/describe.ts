// The document of a volume, from the params of a blueprint.
import type { JsonObject } from '../../../kernel/json.ts'
import { Reader } from '../reader.ts'
import { element, type XmlElement } from '../xml/element.ts'

export interface VolumeParams {
  readonly pool: string
  readonly format: string
  /** MiB; undefined: as large as what it is filled with. */
  readonly capacity: number | undefined
  /** MiB that are taken at once. */
  readonly allocation: number
  readonly url: string | undefined
  readonly sha256: string | undefined
  /** MiB; undefined: as much as it can hold. */
  readonly longestDownload: number | undefined
  /** Overwritten with zeros before it is used, and before it is deleted. */
  readonly isWiped: boolean
}

/** @throws Fault `libvirt.bad_property` */
export function readVolumeParams(params: JsonObject): VolumeParams {
  const from = new Reader(params, 'params')
  const sha256 = from.text('sha256')?.toLowerCase()
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) throw from.bad('sha256', 'expected 64 hexadecimal digits')
  const url = from.text('url')
  const capacity = from.integer('capacity', 1)
  if (sha256 !== undefined && url === undefined) throw from.bad('sha256', 'it is of use only together with a url')
  return {
    pool: from.required('pool', from.text),
    format: from.oneOf('format', ['raw', 'qcow2']) ?? 'raw',
    capacity,
    allocation: from.integer('allocation') ?? 0,
    url,
    sha256,
    longestDownload: from.integer('max_download', 1),
    isWiped: from.boolean('zero_wipe') ?? false,
  }
}

/** `capacity` and `allocation`: MiB. */
export function describeVolume(
  name: string,
  { format, allocation }: Pick<VolumeParams, 'format' | 'allocation'>,
  capacity: number,
): XmlElement {
  return element(
    'volume',
    {},
    element('name', {}, name),
    element('capacity', { unit: 'MiB' }, capacity),
    element('allocation', { unit: 'MiB' }, Math.min(allocation, capacity)),
    element(
      'target',
      {},
      element('format', { type: format }),
      // The older form of qcow2, libvirt's default, cannot track changes.
      format === 'qcow2' ? element('compat', {}, '1.1') : null,
    ),
  )
}
