// What stands behind the node's name in an instance id, for callers that bring no suffixes of their own.
import { realWorld } from '../../world/real-world.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'

export function randomSuffix(): string {
  return realWorld().randomText(6, letters)
}
