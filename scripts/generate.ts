// `npm run gen`: writes every generated page of docs/reference anew.
import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { furtherGenerators, generatedPages, root } from './generated-pages.ts'

for (const page of generatedPages) {
  const path = join(root, page.path)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, await page.text())
  process.stdout.write(`${page.path}\n`)
}
for (const script of furtherGenerators) {
  const { status } = spawnSync(process.execPath, [join(root, script)], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
