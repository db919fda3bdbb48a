// How wide a text stands in a picture, and how a long one is cut. Fonts differ, so the guess is a little too wide.

const narrow = /[iljtfrI.,:;'|!()[\] -]/
const broad = /[mwMWQ@%]/
const capital = /[A-Z0-9_]/
// East Asian scripts and pictures take a whole square.
const square =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u

/** In pixels at a font size of `size` pixels. */
export function textWidth(text: string, size: number): number {
  let width = 0
  for (const character of text) width += widthOf(character)
  return Math.ceil(width * size)
}

function widthOf(character: string): number {
  if (square.test(character)) return 1.05
  if (broad.test(character)) return 0.92
  if (narrow.test(character)) return 0.36
  return capital.test(character) ? 0.68 : 0.6
}

/** At most `length` characters; the middle gives way, for both ends tell names apart. */
export function cut(text: string, length: number): string {
  const characters = [...text]
  if (characters.length <= length) return text
  const head = Math.ceil((length - 1) / 2)
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (length - 1 - head)).join('')}`
}
