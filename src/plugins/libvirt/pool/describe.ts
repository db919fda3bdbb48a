// The document of a storage pool, from the params of a blueprint: a folder on the hypervisor.
import type { JsonObject } from '../../../kernel/json.ts'
import { Reader } from '../reader.ts'
import type { Identity } from '../resource/identity.ts'
import { element, type XmlElement } from '../xml/element.ts'

/** @throws Fault `libvirt.bad_property` */
export function describePool(params: JsonObject, { name, uuid }: Identity): XmlElement {
  const from = new Reader(params, 'params')
  const path = from.required('path', from.path)
  // A folder has the capacity of its file system: what the blueprint says of it is checked as a number, and not written.
  from.integer('capacity', 0)
  const target = element('target', {}, element('path', {}, path.length > 1 ? path.replace(/\/+$/, '') : path))
  return element('pool', { type: 'dir' }, element('name', {}, name), element('uuid', {}, uuid), target)
}
