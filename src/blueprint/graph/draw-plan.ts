// A plan as a picture.
import type { Plan } from '../plan.ts'
import { drawDot } from './draw-dot.ts'
import { drawMermaid } from './draw-mermaid.ts'
import { drawSvg } from './draw-svg.ts'
import { type Picture, pictureOf } from './picture.ts'

export const drawFormats = ['svg', 'dot', 'mermaid'] as const
export type DrawFormat = (typeof drawFormats)[number]

const draw: Readonly<Record<DrawFormat, (picture: Picture) => string>> = {
  svg: drawSvg,
  dot: drawDot,
  mermaid: drawMermaid,
}

/**
 * The topology of a plan as the text of a picture: boxes in boxes for containment, arrows for other relationships,
 * numbers for the order in which a backup prepares nodes. All names are escaped.
 *
 * @example
 * const { plan } = parseBlueprint({
 *   main: `
 * tosca_definitions_version: cloudify_dsl_1_3
 * node_types: { thing: {} }
 * node_templates: { vm: { type: thing } }
 * `,
 * })
 * console.log(drawPlan(plan, 'mermaid')) // flowchart LR\n  n0["vm<br/>thing"]\n
 */
export function drawPlan(plan: Plan, format: DrawFormat): string {
  return draw[format](pictureOf(plan))
}
