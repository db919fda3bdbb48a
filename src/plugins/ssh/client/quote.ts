// Words for the POSIX shell of a host: whatever a value holds, it stays one word.

/** @throws RangeError for a NUL, which no argument of a program can hold. */
export function quoteWord(word: string): string {
  if (word.includes('\0')) throw new RangeError('a word for a shell cannot hold a NUL')
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

export function quoteCommand(words: readonly string[]): string {
  return words.map(quoteWord).join(' ')
}
