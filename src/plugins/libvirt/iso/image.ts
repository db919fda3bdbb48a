// Writes an ISO 9660 image with Rock Ridge and Joliet names: small ones, such as cloud-init reads its settings from. In
// memory, in one go.
import {
  both16,
  both32,
  directoryRecord,
  joliet,
  packed,
  padded,
  pathTable,
  rockRidge,
  rockRidgeMark,
  sectorLength,
  sectorsOf,
  volumeDate,
} from './records.ts'
import { isoTree, type IsoFile, type IsoFolder } from './tree.ts'

export interface IsoOptions {
  /** Of the volume: cloud-init looks for `cidata`, or `config-2`. */
  readonly label: string
  readonly at: Date
}

/** `files`: path in the image -> content. @throws Fault `libvirt.bad_property` */
export function isoImage(files: ReadonlyMap<string, Buffer>, { label, at }: IsoOptions): Buffer {
  const root = isoTree(files)
  const views = [new View(root, 'short', at), new View(root, 'long', at)] as const
  const contents = allFiles(root)
  // 16 sectors of the system, two descriptors, their end; tables; folders; files.
  let next = 19
  for (const view of views) next = view.placeTables(next)
  for (const view of views) next = view.placeFolders(next)
  const extents = new Map<IsoFile, number>()
  for (const file of contents) {
    extents.set(file, next)
    next += sectorsOf(file.content.length)
  }
  const descriptors = views.map((view) => descriptor(view, { label, at, sectors: next }))
  return Buffer.concat([
    Buffer.alloc(16 * sectorLength),
    ...descriptors,
    padded(Buffer.from([0xff, ...Buffer.from('CD001'), 1])),
    ...views.map((view) => view.tables()),
    ...views.map((view) => view.folders(extents)),
    ...contents.map(({ content }) => (content.length === 0 ? content : padded(content))),
  ])
}

function allFiles({ files, folders }: IsoFolder): readonly IsoFile[] {
  return [...files, ...folders.flatMap(allFiles)]
}

type Names = 'short' | 'long'

interface Placed {
  readonly folder: IsoFolder
  /** Index in the list of all. */
  readonly parent: number
}

/** One of the two directory trees. Both lead to the same files. */
class View {
  readonly names: Names
  readonly #placed: readonly Placed[]
  readonly #at: Date
  #tablesAt = 0
  #extents: readonly number[] = []
  #lengths: readonly number[] = []

  constructor(root: IsoFolder, names: Names, at: Date) {
    this.names = names
    this.#at = at
    const placed: Placed[] = [{ folder: root, parent: 0 }]
    // Level by level, as path tables are sorted.
    for (let index = 0; index < placed.length; index++)
      for (const folder of this.#sorted(placed[index]?.folder.folders ?? [])) placed.push({ folder, parent: index })
    this.#placed = placed
  }

  get tableBytes(): number {
    return pathTable(this.#entries(), 'little').length
  }

  get tableExtents(): readonly [little: number, big: number] {
    return [this.#tablesAt, this.#tablesAt + sectorsOf(this.tableBytes)]
  }

  placeTables(next: number): number {
    this.#tablesAt = next
    return next + 2 * sectorsOf(this.tableBytes)
  }

  placeFolders(next: number): number {
    // What stands in a record does not change its length.
    this.#lengths = this.#placed.map((_, index) => this.#folder(index, new Map()).length)
    let at = next
    this.#extents = this.#lengths.map((length) => {
      const own = at
      at += sectorsOf(length)
      return own
    })
    return at
  }

  tables(): Buffer {
    return Buffer.concat((['little', 'big'] as const).map((order) => padded(pathTable(this.#entries(), order))))
  }

  folders(files: ReadonlyMap<IsoFile, number>): Buffer {
    return Buffer.concat(this.#placed.map((_, index) => this.#folder(index, files)))
  }

  rootRecord(): Buffer {
    return this.#record(Buffer.from([0]), 0, Buffer.alloc(0))
  }

  #folder(index: number, files: ReadonlyMap<IsoFile, number>): Buffer {
    const { folder, parent } = this.#placed[index] as Placed
    const mark = index === 0 ? rockRidgeMark() : Buffer.alloc(0)
    const records = [
      this.#record(Buffer.from([0]), index, this.#more('', true, mark)),
      this.#record(Buffer.from([1]), parent, this.#more('', true)),
    ]
    const children = [...folder.folders, ...folder.files]
    for (const child of this.#sorted(children)) {
      const name = this.#nameOf(child)
      if ('content' in child)
        records.push(
          directoryRecord({
            name,
            extent: child.content.length === 0 ? 0 : (files.get(child) ?? 0),
            bytes: child.content.length,
            isFolder: false,
            at: this.#at,
            more: this.#more(child.name, false),
          }),
        )
      else records.push(this.#record(name, this.#indexOf(child), this.#more(child.name, true)))
    }
    return packed(records)
  }

  #record(name: Buffer, index: number, more: Buffer): Buffer {
    const extent = this.#extents[index] ?? 0
    return directoryRecord({ name, extent, bytes: this.#lengths[index] ?? 0, isFolder: true, at: this.#at, more })
  }

  #more(name: string, isFolder: boolean, mark: Buffer = Buffer.alloc(0)): Buffer {
    return this.names === 'long' ? Buffer.alloc(0) : Buffer.concat([mark, rockRidge(name, isFolder)])
  }

  #nameOf(child: IsoFile | IsoFolder): Buffer {
    return this.names === 'long' ? joliet(child.name) : Buffer.from(child.short, 'latin1')
  }

  #sorted<Child extends IsoFile | IsoFolder>(children: readonly Child[]): readonly Child[] {
    return children.toSorted((left, right) => this.#nameOf(left).compare(this.#nameOf(right)))
  }

  #entries() {
    return this.#placed.map(({ folder, parent }, index) => ({
      name: index === 0 ? Buffer.from([0]) : this.#nameOf(folder),
      extent: this.#extents[index] ?? 0,
      parent: parent + 1,
    }))
  }

  #indexOf(folder: IsoFolder): number {
    return this.#placed.findIndex((one) => one.folder === folder)
  }
}

interface Facts extends IsoOptions {
  readonly sectors: number
}

function descriptor(view: View, { label, at, sectors }: Facts): Buffer {
  const isLong = view.names === 'long'
  const text = (value: string, length: number): Buffer => {
    const field = isLong ? joliet(' '.repeat(Math.ceil(length / 2))) : Buffer.alloc(length, ' ')
    const written = isLong ? joliet(value) : Buffer.from(value, 'latin1')
    return Buffer.concat([written.subarray(0, length), field.subarray(0, Math.max(length - written.length, 0))])
  }
  const number = (value: number, order: 'little' | 'big'): Buffer => {
    const bytes = Buffer.alloc(4)
    if (order === 'little') bytes.writeUInt32LE(value)
    else bytes.writeUInt32BE(value)
    return bytes
  }
  const [little, big] = view.tableExtents
  const never = Buffer.concat([Buffer.alloc(16, '0'), Buffer.from([0])])
  return padded(
    Buffer.concat([
      Buffer.from([isLong ? 2 : 1, ...Buffer.from('CD001'), 1, 0]),
      text('', 32),
      text(label, 32),
      Buffer.alloc(8),
      both32(sectors),
      // Joliet, level 3.
      Buffer.concat([Buffer.from(isLong ? '%/E' : ''), Buffer.alloc(isLong ? 29 : 32)]),
      both16(1),
      both16(1),
      both16(sectorLength),
      both32(view.tableBytes),
      number(little, 'little'),
      number(0, 'little'),
      number(big, 'big'),
      number(0, 'big'),
      view.rootRecord(),
      text('', 128 * 4),
      text('', 37 * 3),
      volumeDate(at),
      volumeDate(at),
      never,
      never,
      Buffer.from([1, 0]),
    ]),
  )
}
