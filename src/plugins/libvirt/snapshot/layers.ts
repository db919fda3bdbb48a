// Which files a snapshot rests on, who else needs them, and what may therefore become of them. Decides only.

/** A snapshot as far as its files go. */
export interface LayeredSnapshot {
  readonly name: string
  readonly mode: 'internal' | 'external'
  readonly disks: readonly LayeredDisk[]
}

interface LayeredDisk {
  readonly target: string
  /** What holds the state of the snapshot, first; then what lies below. */
  readonly chain: readonly string[]
  /** External ones: the layer that was put upon it. */
  readonly overlay: string | undefined
}

export interface Layering {
  /** Target -> the files that the domain uses, what it writes to first. */
  readonly active: ReadonlyMap<string, readonly string[]>
  /** All other snapshots of the domain. */
  readonly others: readonly LayeredSnapshot[]
}

export type Removal =
  /** These layers are written into the snapshot's own files. Target -> layer. */
  | { readonly how: 'merge'; readonly layers: ReadonlyMap<string, string> }
  /** Only the snapshot itself goes; these files, which nobody else needs, go with it. */
  | { readonly how: 'forget'; readonly files: readonly string[] }
  | { readonly how: 'refuse'; readonly reason: string }

/** What deleting an external snapshot may do. `ours`: files that were made by snapshots of ours. */
export function decideRemoval(snapshot: LayeredSnapshot, layering: Layering, ours: ReadonlySet<string>): Removal {
  const above = snapshot.disks.map((disk) => [disk, layerAbove(disk, layering)] as const)
  if (above.every(([, layer]) => layer === undefined)) {
    const needed = neededFiles(layering)
    const files = snapshot.disks.flatMap(({ chain }) => untilNeeded(chain, needed))
    return { how: 'forget', files: files.filter((file) => ours.has(file)) }
  }
  // One that the domain writes to itself was merged already, by an attempt that was cut short.
  const isSplit = above.some(([{ target, chain }, layer]) => {
    return layer === undefined && layering.active.get(target)?.[0] !== chain[0]
  })
  if (isSplit) return { how: 'refuse', reason: 'only some of its disks are in use' }
  const isBranch = above.some(
    ([{ target, chain }, layer]) =>
      layer !== undefined &&
      layering.others.some((other) => needsWithout(other, { target, file: chain[0] ?? '', layer })),
  )
  if (isBranch) return { how: 'forget', files: [] }
  const inside = layering.others.find(
    (other) => other.mode === 'internal' && above.some(([, layer]) => holds(other, layer ?? '')),
  )
  if (inside)
    return { how: 'refuse', reason: `'${inside.name}' is held by a file that would be merged; delete that first` }
  const layers = above.flatMap(([{ target }, layer]) => (layer === undefined ? [] : [[target, layer] as const]))
  return { how: 'merge', layers: new Map(layers) }
}

/** Whose state would be lost if the file of an internal snapshot were turned back; undefined: nobody's. */
export function restingOn(snapshot: LayeredSnapshot, layering: Layering): string | undefined {
  for (const { target, chain } of snapshot.disks) {
    const [file = ''] = chain
    if (layering.active.get(target)?.[0] !== file) return 'the disks that the domain uses now'
    const other = layering.others.find(
      ({ mode, disks }) => mode === 'external' && disks.some((disk) => disk.chain.includes(file)),
    )
    if (other) return `the snapshot '${other.name}'`
  }
  return undefined
}

/** Files of ours above `chain` that nobody needs once the domain uses other ones. */
export function unneededFiles(
  files: readonly string[],
  layering: Layering,
  ours: ReadonlySet<string>,
): readonly string[] {
  const needed = neededFiles(layering)
  return files.filter((file) => ours.has(file) && !needed.has(file))
}

/** What the domain uses directly above the snapshot's own file; undefined: it does not use that. */
function layerAbove({ target, chain }: LayeredDisk, { active }: Layering): string | undefined {
  const used = active.get(target) ?? []
  const at = used.indexOf(chain[0] ?? '')
  return at > 0 ? used[at - 1] : undefined
}

function neededFiles({ active, others }: Layering): ReadonlySet<string> {
  const held = others.flatMap(({ disks }) => disks.flatMap(({ chain }) => chain))
  return new Set([...held, ...[...active.values()].flat()])
}

function untilNeeded(chain: readonly string[], needed: ReadonlySet<string>): readonly string[] {
  const end = chain.findIndex((file) => needed.has(file))
  return end < 0 ? chain : chain.slice(0, end)
}

interface Place {
  readonly target: string
  readonly file: string
  readonly layer: string
}

/** It needs the file as it is: on the way to it, or at its head, there is not the layer that would be written into it. */
function needsWithout({ mode, disks }: LayeredSnapshot, { target, file, layer }: Place): boolean {
  const chain = disks.find((one) => one.target === target)?.chain ?? []
  // What is inside of a file stays when the file is written to.
  if (mode === 'internal' && chain[0] === file) return false
  return chain.includes(file) && !chain.includes(layer)
}

function holds(other: LayeredSnapshot, file: string): boolean {
  return other.disks.some(({ chain }) => chain[0] === file)
}
