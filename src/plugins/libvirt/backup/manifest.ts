// The list of all files of a backup with their digests: written last, so that a backup without one was never finished.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { BackupReceipt, SavedFile } from './part.ts'

const format = 1

export interface Manifest {
  readonly [key: string]: Json
  readonly format: number
  readonly operation: string
  readonly name: string
  readonly files: readonly SavedFile[]
}

export function manifestOf(receipt: BackupReceipt, operation: string, files: readonly SavedFile[]): Manifest {
  const { name, providerId, parentId, domain, mode, state, disks, checkpoint, ancestors, remarks } = receipt
  const parent = parentId === undefined ? {} : { parentId }
  return {
    format,
    operation,
    name,
    providerId,
    ...parent,
    domain,
    mode,
    state,
    disks,
    checkpoint,
    ancestors,
    remarks,
    files,
  }
}

export const manifestText = (manifest: Manifest): Buffer => Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)

/** undefined: it is none that we have written. */
export function readManifest(content: Buffer): Manifest | undefined {
  let value: Json
  try {
    value = JSON.parse(content.toString('utf8')) as Json
  } catch {
    return undefined
  }
  if (!isJsonObject(value) || value['format'] !== format || !Array.isArray(value['files'])) return undefined
  const areFiles = value['files'].every((file) => isJsonObject(file) && typeof file['name'] === 'string')
  return areFiles ? (value as unknown as Manifest) : undefined
}
