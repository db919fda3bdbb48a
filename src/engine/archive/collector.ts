// Collects the files of one source in memory. Every source, archive or folder, passes the same checks here, as its bytes come.
import { fault, type Fault } from '../../kernel/fault.ts'
import { checkEntryName, isLeftOut } from './entry-name.ts'
import { mebibyte, type ReadLimits } from './limits.ts'

export interface BlueprintFile {
  readonly content: Buffer
  readonly executable: boolean
}

/** Takes the content of one file, piece by piece. */
export interface FileSink {
  write(chunk: Buffer): void
  end(): void
}

export class Collector {
  readonly files = new Map<string, BlueprintFile>()
  readonly #source: string
  readonly #limits: ReadLimits
  readonly #fileNames = new Set<string>()
  readonly #folderNames = new Set<string>()
  #entries = 0
  #bytes = 0

  constructor(source: string, limits: ReadLimits) {
    this.#source = source
    this.#limits = limits
  }

  /** @throws Fault `archive.unsafe_entry`, `archive.too_large` */
  folder(raw: string): void {
    this.#count()
    const name = this.#checked(raw)
    if (name !== '') this.#enterFolder(name)
  }

  /**
   * `size` in bytes as the source states it; what really comes is counted too.
   *
   * @throws Fault `archive.unsafe_entry`, `archive.too_large`; so do the sink's methods
   */
  file(raw: string, size: number, executable: boolean): FileSink {
    this.#count()
    const name = this.#checked(raw)
    if (name === '') throw this.refuse(raw, 'it has no name')
    if (this.#fileNames.has(name)) throw this.refuse(raw, 'it is there twice')
    if (this.#folderNames.has(name)) throw this.refuse(raw, 'it is both a file and a folder')
    this.#fileNames.add(name)
    const parent = name.slice(0, Math.max(0, name.lastIndexOf('/')))
    if (parent !== '') this.#enterFolder(parent)
    if (size > this.#limits.fileBytes) throw this.#tooLargeFile(name)
    return this.#sink(name, executable)
  }

  refuse(entry: string, reason: string): Fault {
    return fault('archive.unsafe_entry', { details: { archive: this.#source, entry: printable(entry), reason } })
  }

  /** `bytes` came out of `packed` bytes. @throws Fault `archive.too_large` for what only a bomb does. */
  checkRatio(bytes: number, packed: number): void {
    const { ratio, ratioFromBytes } = this.#limits
    if (bytes > ratioFromBytes && bytes > packed * ratio) throw this.tooLarge(`${ratio} times its packed size`)
  }

  tooLarge(limit: string): Fault {
    return fault('archive.too_large', { details: { archive: this.#source, limit } })
  }

  #sink(name: string, executable: boolean): FileSink {
    const chunks: Buffer[] = []
    const isKept = !isLeftOut(name)
    let length = 0
    return {
      write: (chunk) => {
        length += chunk.length
        this.#bytes += chunk.length
        if (length > this.#limits.fileBytes) throw this.#tooLargeFile(name)
        if (this.#bytes > this.#limits.totalBytes) throw this.tooLarge(`${inMebibytes(this.#limits.totalBytes)} in all`)
        if (isKept) chunks.push(chunk)
      },
      end: () => {
        if (isKept) this.files.set(name, { content: Buffer.concat(chunks, length), executable })
      },
    }
  }

  #count(): void {
    this.#entries += 1
    if (this.#entries > this.#limits.entries) throw this.tooLarge(`${this.#limits.entries} files and folders`)
  }

  #checked(raw: string): string {
    const checked = checkEntryName(raw, this.#limits.nameBytes)
    if ('refused' in checked) throw this.refuse(raw, checked.refused)
    return checked.name
  }

  #enterFolder(name: string): void {
    for (let folder = name; folder !== '' && !this.#folderNames.has(folder);) {
      if (this.#fileNames.has(folder)) throw this.refuse(folder, 'it is both a file and a folder')
      this.#folderNames.add(folder)
      folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))
    }
  }

  #tooLargeFile(name: string): Fault {
    return this.tooLarge(`${inMebibytes(this.#limits.fileBytes)} in one file ('${name}')`)
  }
}

function inMebibytes(bytes: number): string {
  return bytes >= mebibyte ? `${bytes / mebibyte} MiB` : `${bytes} bytes`
}

function printable(name: string): string {
  const shown = JSON.stringify(name).slice(1, -1)
  return shown.length > 120 ? `${shown.slice(0, 120)}…` : shown
}
