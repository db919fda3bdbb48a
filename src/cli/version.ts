// The version of this package, as its package.json has it.
import { readFileSync } from 'node:fs'

/** The same relative place from src/cli and from dist/cli. */
export function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
