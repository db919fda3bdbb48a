// `npm run gen`: writes every generated page of docs/reference anew.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { generatedPages, root } from './generated-pages.ts'

for (const page of generatedPages) {
  const path = join(root, page.path)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, await page.text())
  process.stdout.write(`${page.path}\n`)
}
