// The ssh2 package, loaded by the first who connects: it takes longer to load than all that is around it here.
import { createRequire } from 'node:module'

export function ssh2(): typeof import('ssh2') {
  return createRequire(import.meta.url)('ssh2') as typeof import('ssh2')
}
