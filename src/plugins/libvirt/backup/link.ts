// Ties an incremental image to the one it rests on. Libvirt leaves in it the name of the guest's own disk, which goes on
// changing; whoever opened the image would see that. The header of qcow2: docs/interop/qcow2.txt in QEMU's source.
import { open } from 'node:fs/promises'
import type { OperationContext } from '../../contract/context.ts'
import type { Volume } from '../client/structs.ts'
import { qcow2Magic } from './empty-image.ts'
import { backupDamaged } from './errors.ts'
import type { Place } from './place.ts'
import { readFile } from './volumes.ts'

const endOfExtensions = 0
const formatOfBacking = 0xe2792aca
const longestName = 1023

interface Extension {
  readonly type: number
  readonly data: Buffer
}

/** `head`: the file's beginning, up to a cluster. What is returned goes over it. @throws Fault `libvirt.backup_damaged` */
export function linked(file: string, head: Buffer, backing: string): Buffer {
  const bad = (reason: string): Error => backupDamaged(file, reason)
  if (head.length < 104 || head.readUInt32BE(0) !== qcow2Magic) throw bad('it is no qcow2 image')
  if (head.readUInt32BE(4) !== 3) throw bad('it is of an older kind of qcow2')
  const cluster = 2 ** head.readUInt32BE(20)
  const headerLength = head.readUInt32BE(100)
  const others = extensionsOf(head, headerLength, bad).filter(({ type }) => type !== formatOfBacking)
  const name = Buffer.from(backing, 'utf8')
  const fixed = Buffer.from(head.subarray(0, headerLength))
  const extensions = [{ type: formatOfBacking, data: Buffer.from('qcow2') }, ...others, { type: 0, data: Buffer.of() }]
  const body = Buffer.concat([fixed, ...extensions.map(written)])
  if (name.length > longestName || body.length + name.length > cluster) throw bad('its header has no room for a name')
  body.writeBigUInt64BE(BigInt(body.length), 8)
  body.writeUInt32BE(name.length, 16)
  return Buffer.concat([body, name])
}

/** The name in the header; undefined: the image rests on none. */
export function backingOf(head: Buffer): string | undefined {
  if (head.length < 104 || head.readUInt32BE(0) !== qcow2Magic) return undefined
  const at = Number(head.readBigUInt64BE(8))
  return at === 0 ? undefined : head.toString('utf8', at, at + head.readUInt32BE(16))
}

/** Again is the same as once. */
export async function linkTo(
  ctx: Pick<OperationContext, 'signal'>,
  place: Place,
  vol: Volume,
  backing: string,
): Promise<void> {
  const head = await readFile(ctx, place, vol, 65_536n)
  if (backingOf(head) === backing) return
  const fresh = linked(vol.name, head, backing)
  await place.hypervisor.upload(vol, whole(fresh), { ...ctx, length: BigInt(fresh.length) })
  await syncHere(place, vol.name)
}

// Libvirt syncs what QEMU writes and what it copies itself, not what is uploaded. On this machine we can; elsewhere a link
// that a loss of power takes is seen when the backup is read back.
async function syncHere({ hypervisor, path }: Place, name: string): Promise<void> {
  if (!/^\w+(\+unix)?:\/\/\//.test(hypervisor.uri)) return
  await using file = await open(`${path}/${name}`, 'r').catch(() => undefined)
  await file?.sync()
}

function extensionsOf(head: Buffer, from: number, bad: (reason: string) => Error): readonly Extension[] {
  const found: Extension[] = []
  for (let at = from; ;) {
    if (at + 8 > head.length) throw bad('its header is cut short')
    const type = head.readUInt32BE(at)
    if (type === endOfExtensions) return found
    const length = head.readUInt32BE(at + 4)
    if (at + 8 + length > head.length) throw bad('its header is cut short')
    found.push({ type, data: Buffer.from(head.subarray(at + 8, at + 8 + length)) })
    at += 8 + Math.ceil(length / 8) * 8
  }
}

function written({ type, data }: Extension): Buffer {
  const room = Buffer.alloc(8 + Math.ceil(data.length / 8) * 8)
  room.writeUInt32BE(type, 0)
  room.writeUInt32BE(data.length, 4)
  data.copy(room, 8)
  return room
}

async function* whole(content: Buffer): AsyncIterable<Uint8Array> {
  yield content
}
