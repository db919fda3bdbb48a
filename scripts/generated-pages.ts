// Which pages, of docs/reference and in README, are generated, and from what. `npm run gen` writes them, a test compares them.
import { join } from 'node:path'
import { blueprintSchemaPage } from './pages/blueprint-schema.ts'
import { bundledTypesPage } from './pages/bundled-types.ts'
import { capabilitiesPage } from './pages/capabilities.ts'
import { cliPage } from './pages/cli.ts'
import { exitCodesPage } from './pages/exit-codes.ts'
import { faultsPage } from './pages/faults.ts'
import { invariantsPage } from './pages/invariants.ts'
import { lintPage } from './pages/lint.ts'
import { pluginsPage } from './pages/plugins.ts'
import { problemsPage } from './pages/problems.ts'
import { readmeWithCapabilities } from './pages/readme-capabilities.ts'

export const root = join(import.meta.dirname, '..')

export interface GeneratedPage {
  /** Below the repository. */
  readonly path: string
  text(): Promise<string> | string
}

export const generatedPages: readonly GeneratedPage[] = [
  { path: 'docs/reference/faults.md', text: faultsPage },
  { path: 'docs/reference/bundled-types.md', text: bundledTypesPage },
  { path: 'docs/reference/cli.md', text: cliPage },
  { path: 'docs/reference/exit-codes.md', text: exitCodesPage },
  { path: 'docs/reference/plugins.md', text: pluginsPage },
  { path: 'docs/reference/capabilities.md', text: capabilitiesPage },
  { path: 'docs/reference/problems.md', text: problemsPage },
  { path: 'docs/reference/lint.md', text: lintPage },
  { path: 'docs/reference/invariants.md', text: invariantsPage },
  { path: 'README.md', text: readmeWithCapabilities },
  { path: 'docs/reference/blueprint-schema.json', text: blueprintSchemaPage },
]
