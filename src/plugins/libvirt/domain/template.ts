// A description of one's own instead of ours: a file of the blueprint or a text, with `{{ name }}` where values belong.
import { readFile } from 'node:fs/promises'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { badProperty } from '../errors.ts'
import type { Reader } from '../reader.ts'
import type { XmlElement } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'
import { xmlText } from '../xml/write.ts'

/** undefined: there is no template. @throws Fault `libvirt.bad_property`, `libvirt.bad_xml`, `script.not_found` */
export async function fromTemplate(
  ctx: Pick<OperationContext, 'blueprintFile'>,
  options: Reader,
  values: JsonObject,
): Promise<XmlElement | undefined> {
  const content = options.text('template_content')
  const resource = options.text('template_resource')
  if (content === undefined && resource === undefined) return undefined
  if (content !== undefined && resource !== undefined)
    throw options.bad('template_content', 'there is a template_resource, too; only one of them can be taken')
  if (content !== undefined) return parseXml(filled(content, 'template_content', values), 'template_content')
  const text = await readFile(await ctx.blueprintFile(resource ?? ''), 'utf8')
  return parseXml(filled(text, `template_resource '${resource}'`, values), `the template '${resource}'`)
}

/** Values are written as text, so that none of them can end an element or an attribute and begin another. */
function filled(template: string, property: string, values: JsonObject): string {
  if (template.includes('{%'))
    throw badProperty(property, 'it has {% statements %}; only {{ names }} of params are filled in')
  return template.replaceAll(/\{\{\s*([\w.[\]]*?)\s*\}\}/g, (_, name: string) => {
    const value = valueAt(values, name)
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return xmlText(String(value))
    throw badProperty(property, `params has no value '${name}' to fill in`)
  })
}

/** `disks[0].file` and `disks.0.file` mean the same. */
function valueAt(values: JsonObject, path: string): Json | undefined {
  const names = path.replaceAll(/\[(\w+)\]/g, '.$1').split('.')
  return names.reduce<Json | undefined>((found, name) => {
    if (Array.isArray(found)) return (found as readonly Json[])[Number(name)]
    return isJsonObject(found) && Object.hasOwn(found, name) ? found[name] : undefined
  }, values)
}
