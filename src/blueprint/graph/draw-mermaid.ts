// The picture for Mermaid, which many pages of text can show.
import { openAndClose, type Box, type Picture } from './picture.ts'

export function drawMermaid(picture: Picture): string {
  const numbers = new Map(picture.boxes.map((box, index) => [box, index]))
  const name = (box: Box): string => `n${numbers.get(box) ?? 0}`
  const lines = ['flowchart LR']
  for (const { box, isOpening } of openAndClose(picture.roots)) {
    const margin = '  '.repeat(Math.min(box.depth, 20) + 1)
    if (box.children.length === 0) {
      if (isOpening) lines.push(`${margin}${name(box)}["${labelOf(box)}"]`)
    } else lines.push(isOpening ? `${margin}subgraph ${name(box)}["${labelOf(box)}"]` : `${margin}end`)
  }
  for (const { source, target, kind } of picture.arrows) {
    lines.push(`  ${name(source)} ${kind === 'connected' ? '-->' : '-.->'} ${name(target)}`)
  }
  return [...lines, ''].join('\n')
}

function labelOf(box: Box): string {
  const count = box.count === undefined ? '' : ` ×${box.count}`
  const freeze = box.freeze === undefined ? '' : ` (${box.freeze})`
  return `${escape(box.id)}${escape(count)}${freeze}<br/>${escape(box.type)}`
}

/** Mermaid reads entity codes in quoted labels; whatever could end the label or be markup becomes one. */
function escape(text: string): string {
  return text.replace(/[^\p{L}\p{N} ._/:×-]/gu, (character) => `#${character.codePointAt(0) ?? 32};`)
}
