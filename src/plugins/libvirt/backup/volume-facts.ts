// What libvirt knows of a volume: what kind of image it takes it for, how large it is, when it was last written to.
import type { OperationContext } from '../../contract/context.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Volume } from '../client/structs.ts'
import { attributeAt, textAt } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'

export interface VolumeFacts {
  readonly path: string
  readonly format: string
  readonly capacity: bigint
  readonly writtenAt: string
  readonly backing: string | undefined
}

export async function volumeFacts(
  ctx: Pick<OperationContext, 'signal'>,
  hypervisor: Hypervisor,
  vol: Volume,
): Promise<VolumeFacts> {
  const { xml } = await hypervisor.call('STORAGE_VOL_GET_XML_DESC', { vol }, ctx)
  const root = parseXml(xml, `the volume '${vol.name}'`)
  return {
    path: textAt(root, 'target/path') ?? '',
    format: attributeAt(root, 'target/format', 'type') ?? 'raw',
    capacity: BigInt(textAt(root, 'capacity') ?? '0'),
    writtenAt: textAt(root, 'target/timestamps/mtime') ?? '',
    backing: textAt(root, 'backingStore/path'),
  }
}
