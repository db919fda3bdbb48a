// A description of one's own instead of ours: a file of the blueprint or a text, filled from params.
import { readFile } from 'node:fs/promises'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Reader } from '../reader.ts'
import type { XmlElement } from '../xml/element.ts'
import { filled } from '../xml/fill.ts'
import { parseXml } from '../xml/parse.ts'

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
