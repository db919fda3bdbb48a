// Which pages of docs/reference are generated, and from what. `npm run gen` writes them, a test compares them.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { blueprintSchemaPage } from './pages/blueprint-schema.ts'
import { exitCodesPage } from './pages/exit-codes.ts'
import { faultsPage } from './pages/faults.ts'
import { lintPage } from './pages/lint.ts'
import { pluginsPage } from './pages/plugins.ts'
import { problemsPage } from './pages/problems.ts'

export const root = join(import.meta.dirname, '..')

export interface GeneratedPage {
  /** Below the repository. */
  readonly path: string
  text(): Promise<string> | string
}

export const generatedPages: readonly GeneratedPage[] = [
  { path: 'docs/reference/faults.md', text: faultsPage },
  { path: 'docs/reference/exit-codes.md', text: exitCodesPage },
  { path: 'docs/reference/plugins.md', text: pluginsPage },
  { path: 'docs/reference/problems.md', text: problemsPage },
  { path: 'docs/reference/lint.md', text: lintPage },
  { path: 'docs/reference/blueprint-schema.json', text: blueprintSchemaPage },
]

/** Generators that write their pages themselves when they are run. */
export const furtherGenerators: readonly string[] = [
  'scripts/generate-cli-reference.ts',
  'scripts/generate-exit-codes.ts',
].filter((path) => existsSync(join(root, path)))
