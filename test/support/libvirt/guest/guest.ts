// The inside of one simulated guest: a folder that plays its root, file systems that can be frozen, and a writer that
// changes its disks while it can. Frozen means that the kernel says so: the agent's own belief is kept apart from it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stubs } from './stubs.ts'

/** One mounted file system on one disk of the guest. */
export interface GuestMount {
  readonly mountpoint: string
  readonly device: string
  readonly fstype: string
}

export class Guest {
  readonly folder: string
  readonly mounts: readonly GuestMount[]
  hostname: string
  addresses: readonly { readonly mac: string; readonly address: string; readonly prefix: number }[] = []
  /** Called when a process in the guest powers it off. */
  onPowerOff: () => void = () => {}

  constructor(folder: string, hostname: string, mounts: readonly GuestMount[]) {
    this.folder = folder
    this.hostname = hostname
    this.mounts = mounts
    this.boot()
  }

  /** A fresh boot: tmpfs is empty, nothing is frozen. */
  boot(): void {
    rmSync(this.folder, { recursive: true, force: true })
    for (const name of ['bin', 'run', 'tmp', 'dev/shm', 'proc/self', 'sys', 'var', 'etc', 'frozen', 'mounts']) {
      mkdirSync(join(this.folder, name), { recursive: true })
    }
    for (const { mountpoint } of this.mounts) {
      mkdirSync(join(this.folder, mountpoint), { recursive: true })
      writeFileSync(join(this.folder, 'mounts', encodeURIComponent(mountpoint)), '')
    }
    for (const [name, text] of Object.entries(stubs)) {
      writeFileSync(join(this.folder, 'bin', name), text, { mode: 0o755 })
    }
    writeFileSync(join(this.folder, 'etc/hostname'), `${this.hostname}\n`)
    const table = this.#mountTable()
    for (const name of ['proc/mounts', 'proc/self/mounts', 'etc/mtab']) writeFileSync(join(this.folder, name), table)
    writeFileSync(join(this.folder, 'proc/self/mountinfo'), this.#mountInfo())
  }

  #mountTable(): string {
    const data = this.mounts.map(({ mountpoint, device, fstype }) => `/dev/${device} ${mountpoint} ${fstype} rw 0 0\n`)
    return `rootfs / rootfs rw 0 0\nproc /proc proc rw 0 0\ntmpfs /run tmpfs rw 0 0\ntmpfs /dev/shm tmpfs rw 0 0\n${data.join('')}`
  }

  #mountInfo(): string {
    const data = this.mounts.map(
      ({ mountpoint, device, fstype }, index) =>
        `${30 + index} 1 254:${16 * index} / ${mountpoint} rw - ${fstype} /dev/${device} rw\n`,
    )
    return `1 1 0:1 / / rw - rootfs rootfs rw\n20 1 0:20 / /run rw - tmpfs tmpfs rw\n${data.join('')}`
  }

  /** Mount points whose file system stands still. */
  get frozen(): readonly string[] {
    return existsSync(join(this.folder, 'frozen'))
      ? readdirSync(join(this.folder, 'frozen'))
          .filter((name) => !name.startsWith('.'))
          .map(decodeURIComponent)
          .toSorted()
      : []
  }

  get isFrozen(): boolean {
    return this.frozen.length > 0
  }

  isDeviceFrozen(device: string): boolean {
    const frozen = this.frozen
    return this.mounts.some((mount) => mount.device === device && frozen.includes(mount.mountpoint))
  }

  /** What the ioctl does: the number that were frozen by this call. */
  freeze(mountpoints: readonly string[]): number {
    let count = 0
    for (const { mountpoint } of this.mounts) {
      if (!mountpoints.includes(mountpoint) || this.frozen.includes(mountpoint)) continue
      writeFileSync(this.#mark(mountpoint), '')
      count++
    }
    return count
  }

  thaw(): number {
    const frozen = this.frozen
    for (const mountpoint of frozen) rmSync(this.#mark(mountpoint), { force: true })
    return frozen.length
  }

  #mark(mountpoint: string): string {
    return join(this.folder, 'frozen', encodeURIComponent(mountpoint))
  }

  /** Runs a shell line in the guest, as somebody who is logged in there. */
  sh(line: string): { readonly status: number | null; readonly output: string } {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', inGuest(this.folder, line)], {
      env: guestEnvironment(this.folder),
      encoding: 'utf8',
    })
    return { status, output: outOfGuest(this.folder, `${stdout}${stderr}`) }
  }
}

const guestPath =
  /(?<![\w.}/-])\/(?=(?:run|tmp|dev\/shm|sys\/fs|var|data\d*|etc|proc\/mounts|proc\/self\/mount(?:s|info))(?![\w.-]))/g

/** Paths of the guest as they are found on this machine. */
export const inGuest = (folder: string, text: string): string =>
  // Not twice: what already begins with the folder is left alone.
  text
    .split(folder)
    .map((piece) => piece.replace(guestPath, () => `${folder}/`))
    .join(folder)

export const outOfGuest = (folder: string, text: string): string => text.replaceAll(folder, '')

export const guestEnvironment = (folder: string): Record<string, string> => ({
  PATH: `${join(folder, 'bin')}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  FAKE_GUEST: folder,
})
