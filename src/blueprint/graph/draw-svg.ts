// The picture as SVG that stands alone: no script, no link, no font to load.
import { arrowPaths } from './arrow-path.ts'
import { escapeXml } from './escape-xml.ts'
import { layOut, nameSize, type Place, shownName, shownType, typeSize } from './layout.ts'
import type { Arrow, Box, Picture } from './picture.ts'
import { textWidth } from './text-width.ts'

const colours = {
  text: '#1f2933',
  faint: '#52606d',
  arrow: '#627d98',
  computeEdge: '#2b6cb0',
  computeFill: '#ebf4ff',
  holderEdge: '#829ab1',
  holderFill: '#f5f7fa',
  leafEdge: '#52606d',
  leafFill: '#ffffff',
  badge: '#b44d12',
} as const
const legendHeight = 34

export function drawSvg(picture: Picture): string {
  const { places, width, height } = layOut(picture)
  const place = (box: Box): Place => places.get(box) ?? { x: 0, y: 0, width: 0, height: 0 }
  const legend = legendOf(picture)
  const full = {
    width: Math.max(Math.ceil(width), legend.width + 36),
    height: Math.ceil(height) + (legend.width === 0 ? 0 : legendHeight),
  }
  const holders = picture.boxes.filter(({ children }) => children.length > 0)
  const leaves = picture.boxes.filter(({ children }) => children.length === 0)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${full.width}" height="${full.height}" viewBox="0 0 ${full.width} ${full.height}" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" fill="${colours.text}">`,
    `<title>Topology of ${picture.boxes.length} nodes</title>`,
    `<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0,1 L10,5 L0,9 z" fill="${colours.arrow}"/></marker></defs>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    // Arrows pass behind boxes and above their holders, so that no name is ever crossed out.
    ...holders.map((box) => frame(box, place(box))),
    ...arrowPaths(picture.arrows, places).map(({ arrow, d }) => arrowElement(arrow, d)),
    ...leaves.map((box) => frame(box, place(box))),
    ...picture.boxes.map((box) => title(box, place(box))),
    `<g transform="translate(18,${Math.ceil(height) + 8})" font-size="12" fill="${colours.faint}">${legend.text}</g>`,
    '</svg>',
    '',
  ].join('\n')
}

function frame(box: Box, { x, y, width, height }: Place): string {
  const fill = fillOf(box)
  const edge = box.isCompute ? colours.computeEdge : box.children.length > 0 ? colours.holderEdge : colours.leafEdge
  const back =
    box.count === undefined
      ? ''
      : `<rect x="${x + 5}" y="${y + 5}" width="${width}" height="${height}" rx="6" fill="${fill}" stroke="${edge}"/>`
  return `${back}<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${fill}" stroke="${edge}" stroke-width="1.5"><title>${escapeXml(`${box.id} (${box.type})`)}</title></rect>`
}

function fillOf(box: Box): string {
  if (box.isCompute) return colours.computeFill
  return box.children.length > 0 ? colours.holderFill : colours.leafFill
}

function title(box: Box, { x, y, width }: Place): string {
  const count =
    box.count === undefined
      ? ''
      : ` <tspan font-weight="normal" fill="${colours.faint}">×${escapeXml(box.count)}</tspan>`
  // Arrows pass behind the names of holders too.
  const back = box.children.length === 0 ? '' : plate(box, x + 8, y + 5)
  const name = `<text x="${x + 12}" y="${y + 20}" font-size="${nameSize}" font-weight="bold">${escapeXml(shownName(box))}${count}</text>`
  const type = `<text x="${x + 12}" y="${y + 36}" font-size="${typeSize}" fill="${colours.faint}">${escapeXml(shownType(box))}</text>`
  return back + name + type + (box.freeze === undefined ? '' : badge(box.freeze, x + width - 15, y + 15))
}

/** As large as the name and type that stand on it. */
function plate(box: Box, x: number, y: number): string {
  const count = box.count === undefined ? '' : ` ×${box.count}`
  const width = Math.max(textWidth(shownName(box) + count, nameSize), textWidth(shownType(box), typeSize)) + 4
  return `<rect x="${x}" y="${y}" width="${width}" height="36" rx="4" fill="${fillOf(box)}"/>`
}

function badge(number: number, x: number, y: number): string {
  return `<g><title>prepared as number ${number}</title><circle cx="${x}" cy="${y}" r="10" fill="${colours.badge}"/><text x="${x}" y="${y + 4}" font-size="11" font-weight="bold" text-anchor="middle" fill="#ffffff">${number}</text></g>`
}

function arrowElement({ source, target, type, kind }: Arrow, d: string): string {
  const dashes = kind === 'connected' ? '' : ' stroke-dasharray="6 4"'
  return `<path d="${d}" fill="none" stroke="${colours.arrow}" stroke-width="1.4"${dashes} marker-end="url(#tip)"><title>${escapeXml(`${source.id} -> ${target.id} (${type})`)}</title></path>`
}

/** Only what the picture has. */
function legendOf({ boxes, arrows }: Picture): { readonly text: string; readonly width: number } {
  const line = (dashes: string): string =>
    `<path d="M0,10 L30,10" stroke="${colours.arrow}" stroke-width="1.4"${dashes} marker-end="url(#tip)"/>`
  const entries = [
    {
      isShown: boxes.some(({ freeze }) => freeze !== undefined),
      mark: badge(1, 18, 10),
      words: 'order in which a backup prepares nodes',
    },
    { isShown: arrows.some(({ kind }) => kind === 'connected'), mark: line(''), words: 'connected to' },
    {
      isShown: arrows.some(({ kind }) => kind === 'depends'),
      mark: line(' stroke-dasharray="6 4"'),
      words: 'depends on',
    },
  ].filter(({ isShown }) => isShown)
  let width = 0
  const parts = entries.map(({ mark, words }) => {
    const part = `<g transform="translate(${width},0)">${mark}<text x="38" y="14">${words}</text></g>`
    width += 62 + textWidth(words, 12)
    return part
  })
  return { text: parts.join(''), width }
}
