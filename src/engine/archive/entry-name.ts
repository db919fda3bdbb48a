// Names of archive entries and folder files: decides what a name may look like, and brings the safe ones into one form.

/** Folders that never belong to a blueprint; what lies below them is checked, but left out. */
const leftOut: ReadonlySet<string> = new Set(['node_modules', '__pycache__', '__MACOSX'])

export type CheckedName = { readonly name: string } | { readonly refused: string }

/**
 * `./a//b/` -> `a/b`; the top itself gives ''.
 * A name that could lead outside, or be read differently elsewhere, is refused with the reason.
 */
export function checkEntryName(raw: string, longest: number): CheckedName {
  const refused = reasonToRefuse(raw, longest)
  if (refused !== undefined) return { refused }
  return {
    name: raw
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/'),
  }
}

function reasonToRefuse(raw: string, longest: number): string | undefined {
  if (Buffer.byteLength(raw) > longest) return `its name is longer than ${longest} bytes`
  if (raw.includes('\0')) return 'its name holds a NUL'
  if (hasControlCharacter(raw)) return 'its name holds a control character'
  if (raw.includes('\\')) return 'its name holds a backslash'
  if (raw.startsWith('/') || /^[A-Za-z]:/.test(raw)) return 'its name is absolute'
  if (raw.split('/').includes('..')) return "its name leads outside, by '..'"
  return undefined
}

function hasControlCharacter(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true
  }
  return false
}

/** True for what lies in `.git`, any other hidden folder, `node_modules` and their like, and for `.DS_Store`. */
export function isLeftOut(name: string): boolean {
  const parts = name.split('/')
  const file = parts.pop() ?? ''
  return file === '.DS_Store' || parts.some(isFolderLeftOut)
}

export function isFolderLeftOut(part: string): boolean {
  return leftOut.has(part) || (part.startsWith('.') && part !== '.' && part !== '..')
}
