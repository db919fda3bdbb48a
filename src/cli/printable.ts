// Makes text from outside safe to print: what a script wrote must not steer the terminal.

const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** Control characters show as `\x1b`; line ends and tabs stay. */
export function printable(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(controls, escapeCharacter)
}

/** In one line: line ends and tabs become visible too. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t')
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}
