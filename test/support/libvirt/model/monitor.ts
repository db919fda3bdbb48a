// What QEMU answers by itself, as far as anybody asks: which bitmaps its disks hold.
import type { JsonObject } from '../../../../src/kernel/json.ts'
import type { Domain } from './domain.ts'

export function askMonitor(domain: Domain, cmd: string): JsonObject {
  const { execute, arguments: given } = JSON.parse(cmd) as { readonly execute: string; readonly arguments?: JsonObject }
  switch (execute) {
    case 'query-named-block-nodes':
      return { return: domain.writableDisks().map(({ target }) => nodeOf(domain, target)) }
    case 'block-dirty-bitmap-remove':
      return remove(domain, String(given?.['name']))
    default:
      return { error: { class: 'CommandNotFound', desc: `The command ${execute} has not been found` } }
  }
}

function nodeOf(domain: Domain, target: string): JsonObject {
  const checkpoints = [...domain.checkpoints.values()].filter(({ targets }) => targets.includes(target))
  const known = checkpoints.map(({ name }) => bitmap(name, { recording: true }))
  const strays = target === domain.writableDisks()[0]?.target ? [...domain.strayBitmaps] : []
  const stray = strays.map((name) => bitmap(name, { recording: false, inconsistent: true }))
  const bitmaps = [...known, ...stray]
  return { 'node-name': `libvirt-${target}-format`, ro: false, ...(bitmaps.length > 0 && { 'dirty-bitmaps': bitmaps }) }
}

const bitmap = (name: string, more: JsonObject): JsonObject => ({ name, persistent: true, busy: false, ...more })

function remove(domain: Domain, name: string): JsonObject {
  if (domain.strayBitmaps.delete(name)) return { return: {} }
  return { error: { class: 'GenericError', desc: `Dirty bitmap '${name}' not found` } }
}
