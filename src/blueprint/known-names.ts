// Hints for names that do not exist and resemble nothing: what there is instead.

const most = 6

/** `there is a, b and c`; undefined when there is nothing. Looks at no more names than it shows. */
export function whatThereIs(known: Iterable<string>, besides?: string): string | undefined {
  const names: string[] = []
  for (const name of known) {
    if (name === besides) continue
    if (names.length === most) return `there is ${names.join(', ')}, ...`
    names.push(name)
  }
  return names.length === 0 ? undefined : `there is ${names.join(', ')}`
}
