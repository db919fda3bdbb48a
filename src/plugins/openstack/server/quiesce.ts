// What Nova itself makes sure of: a guest whose image asks for it is told to write all it has before its disk is captured, and
// where that fails there is no image at all.
import type { Consistency } from '../../contract/consistency.ts'
import type { Cloud } from '../client/cloud.ts'
import type { ServerCopy } from './copy.ts'
import { findImage } from './image.ts'

/** undefined: nothing. Volumes are captured beside it, and are not part of that. */
export async function promisedConsistency(
  cloud: Cloud,
  { imageId, power, volumes }: Pick<ServerCopy, 'imageId' | 'power' | 'volumes'>,
): Promise<Consistency | undefined> {
  if (imageId === null || power !== 'ACTIVE' || volumes.length > 0) return undefined
  // It inherits what the image of the server says.
  const image = await findImage(cloud, imageId)
  const says = (name: string): boolean => /^(yes|true|1|on)$/i.test(String(image?.[name] ?? ''))
  return says('hw_qemu_guest_agent') && says('os_require_quiesce') ? 'filesystem' : undefined
}
