// The build of what runs: joins the modules of src into few files below dist, for a command that loads hundreds of them
// spends a good part of its life on that. Types come from the compiler, assets from copy-assets.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { rolldown, type ChunkingContext, type CodeSplittingOptions, type Plugin } from 'rolldown'

const root = join(import.meta.dirname, '..')
const source = join(root, 'src')
/** Another folder may be named; it must lie beside a `node_modules`, as `dist` does. */
const target = resolve(process.argv[2] ?? join(root, 'dist'))

/**
 * Libraries that are joined, too: finding, reading and linking their many small files takes longer than what they do here.
 * Others stay outside: those that few commands need, and those that look for files of their own.
 */
const joined = [
  '@dagrejs/graphlib',
  '@rgrove/parse-xml',
  'commander',
  'fast-string-width',
  'js-yaml',
  'kysely',
  'p-queue',
]

const isOutside = (id: string, importer?: string): boolean => {
  if (isBuiltin(id)) return true
  // What a joined one needs goes with it.
  if (!/^[^./]/.test(id) || importer?.includes('/node_modules/')) return false
  return !joined.some((name) => id === name || id.startsWith(`${name}/`))
}

const packageOf = (id: string): string | undefined => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]

/** Folders of all packages that something was taken of. */
const taken = new Set<string>()

const remembersPackages: Plugin = {
  name: 'remembers-packages',
  transform(_code, id) {
    const folder = packageOf(id)
    if (folder !== undefined) taken.add(folder)
    return null
  },
}

/** They may be given on with their licence. */
async function writeLicences(): Promise<void> {
  const texts = [...taken].toSorted().map(async (folder) => {
    const { name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, string>
    const file = (await readdir(folder)).find((it) => /^licen[cs]e/i.test(it))
    if (file === undefined) throw new Error(`${name} has no licence: it cannot be joined`)
    return `${name} ${version}\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`
  })
  await writeFile(join(target, 'LICENSES.txt'), (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`))
}

/** The command and what authors of plugins import: one build, for they share their modules while they run. */
async function sharedEntries(): Promise<readonly string[]> {
  const { bin, exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    readonly bin: Readonly<Record<string, string>>
    readonly exports: Readonly<Record<string, string | { readonly default: string }>>
  }
  const built = [
    ...Object.values(bin),
    ...Object.values(exports).map((it) => (typeof it === 'string' ? it : it.default)),
  ]
  return built.flatMap((path) => /dist\/(.*)\.js$/.exec(path)?.[1] ?? [])
}

/** Programs and threads of their own, started by path. The check for unused code knows them all, so that none is forgotten. */
async function programs(): Promise<readonly string[]> {
  const { entry } = JSON.parse(await readFile(join(root, 'knip.json'), 'utf8')) as { readonly entry: readonly string[] }
  return entry.flatMap((path) => /^src\/([^*]+)\.ts!$/.exec(path)?.[1] ?? [])
}

/** A module goes on finding the files beside it: `import.meta.url` stays what it was before modules were joined. */
const ownPlaces: Plugin = {
  name: 'own-places',
  transform(code, id) {
    if (!id.startsWith(source) || !code.includes('import.meta.url')) return null
    const own = relative(source, id).replace(/\.ts$/, '.js')
    return code.replaceAll('import.meta.url', `__placeOf(${JSON.stringify(own)})`)
  },
  renderChunk(code, { fileName, isEntry }) {
    if (!isEntry && code.includes('import.meta.dirname'))
      throw new Error(`a module in ${fileName} must find with import.meta.url what it looks for`)
    return code.replaceAll(/__placeOf\("([^"]+)"\)/g, (_call, own: string) =>
      own === fileName
        ? 'import.meta.url'
        : `new URL(${JSON.stringify(relative(dirname(fileName), own).replace(/^(?!\.)/, './'))}, import.meta.url).href`,
    )
  },
}

/** Which plugin of ours a module belongs to. */
const pluginOf = (id: string): string | null => {
  const [, name] = /src\/plugins\/([^/]+)\//.exec(id) ?? []
  return name === undefined || name === 'contract' || name === 'guard' ? null : `plugin-${name}`
}

const libraryOf = (id: string): string | null =>
  packageOf(id)
    ?.replace(/^.*\/node_modules\/@?/, 'library-')
    .replace('/', '-') ?? null

/** Whether a library is loaded with a module, by itself or by what it imports. */
function needsLibrary(id: string, graph: ChunkingContext, known: Map<string, boolean>): boolean {
  const before = known.get(id)
  if (before !== undefined) return before
  const imported = id.startsWith(source) ? graph.getModuleInfo(id)?.importedIds : undefined
  const needs = imported?.some((each) => needsLibrary(each, graph, known)) ?? !isBuiltin(id)
  known.set(id, needs)
  return needs
}

/**
 * What commands have in common is one file, and another where it needs libraries; each plugin is one; what is left is split
 * by who needs it. A module comes with all that it imports, so files cannot import each other in a circle. No entry may be
 * joined to another: to load it is to start it.
 */
function groupsFor(entries: readonly string[]): CodeSplittingOptions {
  const starts = new Set(entries.map((name) => join(source, `${name}.ts`)))
  const isCommon = (id: string): boolean =>
    id.startsWith(source) && !starts.has(id) && pluginOf(id) === null && !/\/src\/(?:testing|cli\/commands)\//.test(id)
  const known = new Map<string, boolean>()
  const plain = (id: string, graph: ChunkingContext): string | null =>
    isCommon(id) && !needsLibrary(id, graph, known) ? 'common' : null
  return {
    groups: [
      { name: libraryOf, debugName: 'libraries', priority: 5 },
      { name: plain, debugName: 'common', minShareCount: 3, priority: 4 },
      { name: 'common-with-libraries', test: isCommon, minShareCount: 3, priority: 3 },
      // Others log in with its parts.
      { name: 'plugin-ssh', test: (id) => pluginOf(id) === 'plugin-ssh', priority: 2 },
      { name: pluginOf, debugName: 'plugins', priority: 1 },
    ],
  }
}

async function build(entries: readonly string[], codeSplitting: CodeSplittingOptions | false): Promise<void> {
  await using bundle = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name, join(source, `${name}.ts`)])),
    platform: 'node',
    external: isOutside,
    plugins: [ownPlaces, remembersPackages],
    checks: { ineffectiveDynamicImport: false },
    onLog(_level, log) {
      throw new Error(log.message)
    },
  })
  await bundle.write({
    dir: target,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    comments: { jsdoc: false },
    codeSplitting,
  })
}

/** What earlier builds left would be shipped, too. */
async function removeOld(): Promise<void> {
  await mkdir(target, { recursive: true })
  const old = await readdir(target, { recursive: true })
  for (const path of old.filter((name) => /\.js(?:\.map)?$/.test(name))) await rm(join(target, path))
}

await removeOld()
const shared = await sharedEntries()
await build(shared, groupsFor(shared))
for (const program of (await programs()).filter((name) => !shared.includes(name))) await build([program], false)
await writeLicences()
