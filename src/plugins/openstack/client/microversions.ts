// Microversions: what a service speaks, read from its version document, and how they compare.
import { isJsonObject, type Json } from '../../../kernel/json.ts'

/** Both ends included: `2.1` to `2.90`. */
export interface Microversions {
  readonly min: string
  readonly max: string
}

/** Out of a version document, of one version or of several; null: the service knows none. */
export function microversionsIn(document: Json, major: string): Microversions | null {
  const all = isJsonObject(document) ? [document['version'], ...listed(document['versions'])] : []
  for (const known of all) {
    if (!isJsonObject(known)) continue
    const { id, min_version: min, version, max_version: max = version } = known
    // The major version that the address leads to, among those that the document may list.
    if (typeof id !== 'string' || id.replace(/^v/, '').split('.')[0] !== major) continue
    if (isVersion(min) && isVersion(max)) return { min, max }
  }
  return null
}

/** Below zero: `left` is older. */
export function compareVersions(left: string, right: string): number {
  const [leftMajor = 0, leftMinor = 0] = left.split('.').map(Number)
  const [rightMajor = 0, rightMinor = 0] = right.split('.').map(Number)
  return leftMajor - rightMajor || leftMinor - rightMinor
}

export function isWithin(version: string, { min, max }: Microversions): boolean {
  return compareVersions(version, min) >= 0 && compareVersions(version, max) <= 0
}

function isVersion(value: Json | undefined): value is string {
  return typeof value === 'string' && /^\d+\.\d+$/.test(value)
}

function listed(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[]
  // Keystone's way of writing it.
  return isJsonObject(value) ? listed(value['values']) : []
}
