// Guesses what somebody meant to write: the known names nearest to a wrong one.

/** Comparing takes the square of a length: nobody mistypes more than this. */
const longest = 300

/** Up to three of the `known` names that look like `wanted`, the nearest first. Empty when none comes near. */
export function nearNames(wanted: string, known: Iterable<string>): string[] {
  const limit = Math.max(1, Math.min(4, Math.floor(wanted.length / 3)))
  const left = wanted.toLowerCase()
  const found: { readonly name: string; readonly distance: number }[] = []
  for (const name of known) {
    const distance = likeness(left, name, limit)
    if (distance <= limit && name !== wanted) found.push({ name, distance })
  }
  found.sort((left, right) => left.distance - right.distance || (left.name < right.name ? -1 : 1))
  // Beside one that is a letter away, those that are four away only mislead.
  const best = found[0]?.distance ?? 0
  return found
    .filter(({ distance }) => distance <= best + 1)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** "did you mean 'a' or 'b'?"; undefined when nothing comes near. */
export function didYouMean(wanted: string, known: Iterable<string>): string | undefined {
  const names = nearNames(wanted, known).map((name) => `'${name}'`)
  return names.length === 0 ? undefined : `did you mean ${names.join(' or ')}?`
}

function likeness(left: string, name: string, limit: number): number {
  const right = name.toLowerCase()
  if (left === right) return 0
  if (isLastPart(left, right) || isLastPart(right, left)) return 1
  if (left.length > longest || Math.abs(left.length - right.length) > limit) return Infinity
  return distance(left, right, limit)
}

/** Names of one kind begin and end alike: only what lies between is worth the work. */
function distance(left: string, right: string, limit: number): number {
  const shorter = Math.min(left.length, right.length)
  let begin = 0
  while (begin < shorter && left.charCodeAt(begin) === right.charCodeAt(begin)) begin += 1
  let end = 0
  while (end < shorter - begin && left.charCodeAt(left.length - 1 - end) === right.charCodeAt(right.length - 1 - end)) {
    end += 1
  }
  return levenshtein(left.slice(begin, left.length - end), right.slice(begin, right.length - end), limit)
}

/** `Compute` of `cloudify.nodes.Compute`. */
function isLastPart(part: string, name: string): boolean {
  return name.length > part.length && name.endsWith(part) && name[name.length - part.length - 1] === '.'
}

// One row each, used again and again: a blueprint of thousands of wrong names asks for millions of distances.
let previous: number[] = []
let current: number[] = []

function levenshtein(left: string, right: string, limit: number): number {
  for (let column = 0; column <= right.length; column += 1) previous[column] = column
  for (let row = 1; row <= left.length; row += 1) {
    const letter = left.charCodeAt(row - 1)
    let least = (current[0] = row)
    for (let column = 1; column <= right.length; column += 1) {
      const swap = (previous[column - 1] ?? 0) + (letter === right.charCodeAt(column - 1) ? 0 : 1)
      const value = Math.min(swap, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1)
      current[column] = value
      if (value < least) least = value
    }
    if (least > limit) return Infinity
    ;[previous, current] = [current, previous]
  }
  return previous[right.length] ?? Infinity
}
