// A domain on a fake daemon, for the stories.
import { join } from 'node:path'
import { mkdirSync } from 'node:fs'
import { fakeLibvirtd } from '../fake-libvirtd.ts'
import { attachDevice } from '../model/devices.ts'
import { blankImage, writeImage } from '../model/image.ts'
import type { Site } from './stage.ts'

export async function fakeSite(): Promise<Site> {
  const libvirtd = await fakeLibvirtd({
    domains: [{ name: 'truth', disks: ['vda', 'vdb'], writer: 20 }],
    second: 100,
  })
  const folder = join(libvirtd.folder, '../new')
  mkdirSync(folder)
  return {
    socket: libvirtd.socket,
    domain: 'truth',
    folder,
    disks: libvirtd.folder,
    hangAgent: async () => {
      libvirtd.domain('truth').agent = 'hung'
    },
    async slowDisk() {
      libvirtd.hold('backup')
      const file = join(folder, 'large.qcow2')
      writeImage(file, blankImage('qcow2', 1024 * 1024))
      const disk = `<disk type='file'><driver name='qemu' type='qcow2'/><source file='${file}'/><target dev='vdc'/></disk>`
      attachDevice(libvirtd.domain('truth'), disk, 1)
      return 'vdc'
    },
    slowDown: async () => {},
    [Symbol.asyncDispose]: () => libvirtd.close(),
  }
}
