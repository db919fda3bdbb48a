// The command line as users have it, for what is measured: built, for taking types out of the source costs time.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The source itself when it is newer than what was built. */
export function usersMain(): string {
  const [built, source] = [join(root, 'dist/cli/main.js'), join(root, 'src/cli/main.ts')]
  if (!existsSync(built)) return source
  // The compiler writes only what changed.
  return newest(join(root, 'dist')) >= newest(join(root, 'src')) ? built : source
}

function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Math.max(...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs))
}
