// A domain on a fake daemon, for the stories.
import { join } from 'node:path'
import { mkdirSync } from 'node:fs'
import { fakeLibvirtd } from '../fake-libvirtd.ts'
import type { Site } from './stage.ts'

export async function fakeSite(): Promise<Site> {
  const libvirtd = await fakeLibvirtd({ domains: [{ name: 'truth', disks: ['vda', 'vdb'], writer: 20 }], second: 100 })
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
    [Symbol.asyncDispose]: () => libvirtd.close(),
  }
}
