// Tells `fermata plugins test` how to make a box, and how to look at it without the plugin.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ContractSubject } from 'fermata/testing'
import plugin from './plugin.ts'
import { deleteSnapshot, existingBox, listSnapshots, writeBox } from './provider.ts'

export const subject: ContractSubject = {
  plugin,
  async node() {
    const folder = await mkdtemp(join(tmpdir(), 'example-'))
    const path = join(folder, 'box')
    return {
      type: 'example.nodes.Box',
      properties: { path },
      operations: {
        'cloudify.interfaces.lifecycle.create': 'box.create',
        'cloudify.interfaces.lifecycle.delete': 'box.delete',
        'cloudify.interfaces.freeze.fs_prepare': 'box.freeze',
        'cloudify.interfaces.freeze.fs_finalize': 'box.thaw',
        'cloudify.interfaces.freeze.suspend': 'box.suspend',
        'cloudify.interfaces.freeze.resume': 'box.resume',
        'cloudify.interfaces.snapshot.create': 'box.snapshot_create',
        'cloudify.interfaces.snapshot.apply': 'box.snapshot_apply',
        'cloudify.interfaces.snapshot.delete': 'box.snapshot_delete',
        'cloudify.interfaces.statistics.perfomance': 'box.statistics',
      },
      // Milliseconds. A box heeds its lease at once; something slower needs more.
      lease: 600,
      bringUp: ['cloudify.interfaces.lifecycle.create'],
      isFrozen: async () => (await existingBox(path)).frozenUntil > Date.now(),
      power: async () => (await existingBox(path)).power,
      state: async () => (await existingBox(path)).data,
      async change() {
        const box = await existingBox(path)
        await writeBox(path, { ...box, data: `${box.data}changed\n` })
      },
      snapshots: () => listSnapshots(path),
      loseSnapshot: (providerId) => deleteSnapshot(path, providerId),
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
    }
  },
}
