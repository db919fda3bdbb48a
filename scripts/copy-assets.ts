// Last part of the build: copies into dist what is not compiled (type files, the Python package), and makes
// the command executable. Never touches src.
import { chmod, copyFile, mkdir, readdir } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'

const root = join(import.meta.dirname, '..')
const source = join(root, 'src')
const target = resolve(process.argv[2] ?? join(root, 'dist'))

function isAsset(path: string): boolean {
  return !/\.(ts|md|pyc)$/.test(path) && !path.includes('__pycache__')
}

async function copyAssets(): Promise<number> {
  const entries = await readdir(source, { recursive: true, withFileTypes: true })
  const assets = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(source, join(entry.parentPath, entry.name)))
    .filter(isAsset)
  for (const asset of assets) {
    await mkdir(dirname(join(target, asset)), { recursive: true })
    await copyFile(join(source, asset), join(target, asset))
  }
  return assets.length
}

if ((await copyAssets()) === 0) throw new Error('no assets found below src: the build would be incomplete')
await chmod(join(target, 'cli/main.js'), 0o755)
