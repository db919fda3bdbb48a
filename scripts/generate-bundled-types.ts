// Writes docs/reference/bundled-types.md anew.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundledTypesPage } from './pages/bundled-types.ts'

const path = 'docs/reference/bundled-types.md'
await writeFile(join(import.meta.dirname, '..', path), bundledTypesPage())
process.stdout.write(`${path}\n`)
