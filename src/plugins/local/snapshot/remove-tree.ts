// Removes a tree whatever modes its folders have.
import { chmod, lstat, readdir, rm } from 'node:fs/promises'
import { hasCode } from '../../guard/process-table.ts'

/** What is not there is no error. Links are removed, never followed. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch (thrown) {
    if (!hasCode(thrown, 'EACCES', 'EPERM')) throw thrown
    // A folder without write permission keeps what is in it from everybody but root.
    await openFolders(Buffer.from(path))
    await rm(path, { recursive: true, force: true })
  }
}

async function openFolders(folder: Buffer): Promise<void> {
  if (!(await lstat(folder)).isDirectory()) return
  await chmod(folder, 0o700)
  for (const name of await readdir(folder, { encoding: 'buffer' })) {
    await openFolders(Buffer.concat([folder, Buffer.from('/'), name]))
  }
}
