// Colours by name; without a terminal that wants them every one of them leaves the text as it is.

const codes = { red: 31, green: 32, yellow: 33, cyan: 36, bold: 1, dim: 2 } as const
export type Colour = keyof typeof codes
export type Paint = (colour: Colour, text: string) => string

export const plain: Paint = (_colour, text) => text

export const coloured: Paint = (colour, text) => `\u001b[${codes[colour]}m${text}\u001b[0m`

/** NO_COLOR (any value but '') wins over FORCE_COLOR; see https://no-color.org. */
export function paintFor(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
  isWanted: boolean,
): Paint {
  if (!isWanted || (env.NO_COLOR ?? '') !== '') return plain
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR === '0' ? plain : coloured
  return isTerminal && env.TERM !== 'dumb' ? coloured : plain
}
