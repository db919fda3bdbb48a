// Versions of plugins and sets of them, as Python packages write them (PEP 440): `2.1`, `>=2,<3`, `~=1.4`, `==1.*`.

interface Version {
  readonly epoch: number
  readonly release: readonly number[]
  /** What stands after the release numbers, as numbers that compare in the right order. */
  readonly tail: readonly number[]
  readonly local: string
}

const shape =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|alpha|b|beta|c|rc|pre|preview)[-_.]?(\d*))?((?:-\d+)|(?:[-_.]?(?:post|rev|r)[-_.]?\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/i
const stages: Readonly<Record<string, number>> = { a: 0, alpha: 0, b: 1, beta: 1 }
const candidate = 2
const final = 3

export function isVersion(text: string): boolean {
  return parse(text) !== undefined
}

/** Negative when `left` is older. What is no version is older than everything. */
export function compareVersions(left: string, right: string): number {
  const [one, other] = [parse(left), parse(right)]
  if (one === undefined || other === undefined) return Number(one !== undefined) - Number(other !== undefined)
  return compare(one, other)
}

export type VersionSet = (version: string) => boolean

/**
 * `>=2,<3` is what fits all its parts; a list of bare versions, `1.2,1.4`, is any of them. undefined: the text is neither.
 */
export function versionSet(text: string): VersionSet | undefined {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.every((part) => isVersion(part)))
    return (version) => parts.some((part) => compareVersions(version, part) === 0)
  const tests: VersionSet[] = []
  for (const part of parts) {
    const test = clause(part)
    if (test === undefined) return undefined
    tests.push(test)
  }
  return (version) => tests.every((test) => test(version))
}

/** The newest that fits. One that is no final version is only chosen when nothing else fits, or when `spec` names such. */
export function newestVersion(versions: readonly string[], spec?: string): string | undefined {
  const fits = spec === undefined || spec === '' ? () => true : versionSet(spec)
  if (fits === undefined) return undefined
  const fitting = versions.filter((version) => fits(version))
  const takesEarly = spec !== undefined && spec.split(',').some((part) => isEarly(part.replace(/^[~=!<>\s]+/, '')))
  const finals = takesEarly ? [] : fitting.filter((version) => !isEarly(version))
  return (finals.length > 0 ? finals : fitting).toSorted(compareVersions).at(-1)
}

function clause(part: string): VersionSet | undefined {
  const match = /^(===|==|~=|!=|<=|>=|<|>)\s*(.+)$/.exec(part)
  const sign = match?.[1] ?? '=='
  const wanted = match?.[2] ?? part
  if (wanted.endsWith('.*') && (sign === '==' || sign === '!=')) return prefixClause(wanted.slice(0, -2), sign)
  const limit = parse(wanted)
  if (limit === undefined) return undefined
  const signs: Readonly<Record<string, VersionSet | undefined>> = {
    '===': (version) => version === wanted,
    '==': (version) => compareVersions(version, wanted) === 0,
    '!=': (version) => compareVersions(version, wanted) !== 0,
    '<=': (version) => compareVersions(version, wanted) <= 0,
    '>=': (version) => compareVersions(version, wanted) >= 0,
    // 3.0rc1 is older than 3.0, but who asks for less than 3 does not mean it.
    '<': (version) => compareVersions(version, wanted) < 0 && (isEarly(wanted) || !isEarlyOf(version, limit)),
    '>': (version) => compareVersions(version, wanted) > 0,
    '~=': limit.release.length < 2 ? undefined : compatible(wanted, limit),
  }
  return signs[sign]
}

function prefixClause(prefix: string, sign: string): VersionSet | undefined {
  const wanted = parse(prefix)
  if (wanted === undefined) return undefined
  return (version) => startsWith(version, wanted.epoch, wanted.release) === (sign === '==')
}

/** `~=1.4.2`: at least 1.4.2, and still 1.4. */
function compatible(wanted: string, limit: Version): VersionSet {
  return (version) =>
    compareVersions(version, wanted) >= 0 && startsWith(version, limit.epoch, limit.release.slice(0, -1))
}

function startsWith(version: string, epoch: number, release: readonly number[]): boolean {
  const found = parse(version)
  return found?.epoch === epoch && release.every((number, at) => (found.release[at] ?? 0) === number)
}

function isEarly(version: string): boolean {
  const found = parse(version)
  return found !== undefined && ((found.tail[0] ?? final) < final || found.tail[3] === 0)
}

function isEarlyOf(version: string, limit: Version): boolean {
  const found = parse(version)
  return found !== undefined && isEarly(version) && compareLists(found.release, limit.release) === 0
}

function parse(text: string): Version | undefined {
  const match = shape.exec(text.trim())
  if (!match) return undefined
  const [, epoch, release = '', stage, stageNumber, post, dev, devNumber, local] = match
  const name = stage?.toLowerCase()
  const postNumber = post === undefined ? -1 : Number(/\d+/.exec(post)?.[0] ?? 0)
  // A development version comes before all that it leads to: 1.0.dev1 < 1.0a1 < 1.0.
  const leadsToFinal = name === undefined && post === undefined && dev !== undefined
  const rank = leadsToFinal ? -1 : name === undefined ? final : (stages[name] ?? candidate)
  return {
    epoch: Number(epoch ?? 0),
    release: release.split('.').map(Number),
    tail: [rank, Number(stageNumber || 0), postNumber, dev === undefined ? 1 : 0, Number(devNumber || 0)],
    local: (local ?? '').toLowerCase(),
  }
}

function compare(left: Version, right: Version): number {
  return (
    left.epoch - right.epoch ||
    compareLists(left.release, right.release) ||
    compareLists(left.tail, right.tail) ||
    Number(left.local > right.local) - Number(left.local < right.local)
  )
}

/** The shorter one is filled with zeros: 1.0 is 1. */
function compareLists(left: readonly number[], right: readonly number[]): number {
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
