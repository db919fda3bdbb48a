// The picture for Graphviz: `fermata blueprints graph ID --format dot | dot -Tpng`.
import { openAndClose, type Box, type Picture } from './picture.ts'

export function drawDot(picture: Picture): string {
  const numbers = new Map(picture.boxes.map((box, index) => [box, index]))
  const name = (box: Box): string => `n${numbers.get(box) ?? 0}`
  const lines = [
    'digraph topology {',
    '  compound=true; rankdir=LR;',
    '  node [shape=box, style="rounded,filled", fillcolor=white, fontname="Helvetica"];',
    '  graph [fontname="Helvetica", style="rounded,filled", fillcolor="#f5f7fa", color="#829ab1"];',
  ]
  for (const { box, isOpening } of openAndClose(picture.roots)) {
    const margin = '  '.repeat(Math.min(box.depth, 20) + 1)
    if (box.children.length === 0) {
      if (isOpening) lines.push(`${margin}${name(box)} [label=${labelOf(box)}];`)
    } else if (isOpening) {
      lines.push(`${margin}subgraph cluster_${name(box)} {`, `${margin}  label=${labelOf(box)};`)
      if (box.isCompute) lines.push(`${margin}  fillcolor="#ebf4ff"; color="#2b6cb0";`)
      // Arrows need a node: a cluster has an invisible one.
      lines.push(`${margin}  ${name(box)} [style=invis, shape=point, width=0, label=""];`)
    } else lines.push(`${margin}}`)
  }
  for (const { source, target, kind } of picture.arrows) {
    const attributes = [
      ...(kind === 'depends' ? ['style=dashed'] : []),
      ...(source.children.length > 0 ? [`ltail=cluster_${name(source)}`] : []),
      ...(target.children.length > 0 ? [`lhead=cluster_${name(target)}`] : []),
    ]
    lines.push(`  ${name(source)} -> ${name(target)}${attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`};`)
  }
  return [...lines, '}', ''].join('\n')
}

function labelOf(box: Box): string {
  const count = box.count === undefined ? '' : ` ×${box.count}`
  const freeze = box.freeze === undefined ? '' : ` (${box.freeze})`
  return `"${quote(box.id)}${quote(count)}${freeze}\\n${quote(box.type)}"`
}

function quote(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f]/g, ' ')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
}
