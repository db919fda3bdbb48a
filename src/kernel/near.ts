// Guesses what somebody meant to write: the known names nearest to a wrong one.

/** Comparing takes the square of a length: nobody mistypes more than this. */
const longest = 300

/** Up to three of the `known` names that look like `wanted`, the nearest first. Empty when none comes near. */
export function nearNames(wanted: string, known: Iterable<string>): string[] {
  const limit = Math.max(1, Math.min(4, Math.floor(wanted.length / 3)))
  const found: { readonly name: string; readonly distance: number }[] = []
  for (const name of known) {
    const distance = likeness(wanted, name, limit)
    if (distance <= limit && name !== wanted) found.push({ name, distance })
  }
  found.sort((left, right) => left.distance - right.distance || (left.name < right.name ? -1 : 1))
  return found.slice(0, 3).map(({ name }) => name)
}

/** "did you mean 'a' or 'b'?"; undefined when nothing comes near. */
export function didYouMean(wanted: string, known: Iterable<string>): string | undefined {
  const names = nearNames(wanted, known).map((name) => `'${name}'`)
  return names.length === 0 ? undefined : `did you mean ${names.join(' or ')}?`
}

function likeness(wanted: string, name: string, limit: number): number {
  const left = wanted.toLowerCase()
  const right = name.toLowerCase()
  if (left === right) return 0
  if (lastPart(right) === left || lastPart(left) === right) return 1
  if (left.length > longest || Math.abs(left.length - right.length) > limit) return Infinity
  return levenshtein(left, right, limit)
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

function levenshtein(left: string, right: string, limit: number): number {
  let previous = Array.from({ length: right.length + 1 }, (_unused, index) => index)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const swap = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1)
      current.push(Math.min(swap, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    if (Math.min(...current) > limit) return Infinity
    previous = current
  }
  return previous[right.length] ?? Infinity
}
