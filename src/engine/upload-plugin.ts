// Takes a plugin in as people bring it: a folder or an archive with a plugin.yaml, checked before anything is kept.
import { rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { bundledPluginNames } from '../blueprint/imports/bundled.ts'
import type { Problem } from '../blueprint/problem.ts'
import { Fault, fault } from '../kernel/fault.ts'
import { write } from '../store/store.ts'
import type { PluginRow } from '../store/tables.ts'
import type { PluginRecord, PluginSource } from './api.ts'
import { readBlueprintSource, type BlueprintFiles } from './blueprint-files.ts'
import { writeBlueprintFolder } from './blueprint-folder.ts'
import { BlueprintRefused } from './blueprint-refused.ts'
import { checkPluginModule } from './check-plugin-module.ts'
import { commitNew } from './commit-new.ts'
import type { Engine } from './engine.ts'
import { makeFolder } from './home.ts'
import { mappingProblems } from './plugin-mappings.ts'
import type { PluginProvides } from './plugin-provides.ts'
import { bundledPlugins, moduleNames } from './plugin-registry.ts'
import { readPluginYaml, type PluginYaml } from './plugin-yaml.ts'
import { removal, uploadedRecord } from './uploaded-plugins.ts'

const defaultYaml = 'plugin.yaml'

/** @throws BlueprintRefused when the plugin.yaml has problems; Fault `plugin.*`, `archive.*`, `usage.exists` */
export async function uploadPlugin(engine: Engine, source: PluginSource): Promise<PluginRecord> {
  const files = await readPluginSource(source)
  const text = files.files.get(files.mainFile)?.content.toString('utf8') ?? ''
  const read = readPluginYaml(files.mainFile, text, files.files.keys())
  if ('problems' in read) throw refused(read.problems, files.mainFile, text)
  const { yaml } = read
  refuseBundledNames(yaml)
  const folder = engine.home.plugin(yaml.packageName, yaml.version)
  if (await rowOf(engine, yaml)) throw exists(yaml)
  await makeFolder(dirname(folder))
  let row: PluginRow | undefined
  const claim = async (building: string): Promise<void> => {
    const provides = await provided(engine, { yaml, files, shownAt: source.path, building })
    const problems = mappingProblems(yaml, { provides, files: new Set(files.files.keys()) })
    if (problems.length > 0) throw refused(problems, yaml.file, text)
    const made = rowFor(engine, yaml, files, provides)
    await commitNew(engine.store, { kind: 'plugin', id: shownName(yaml) }, insertOf(engine, made))
    row = made
  }
  try {
    await writeBlueprintFolder(folder, files.files, { unique: engine.world.newId(), claim })
  } catch (thrown) {
    if (row) await engine.store.commit([removal(engine, row)])
    await rmdir(dirname(folder)).catch(() => {})
    throw thrown
  }
  if (!row) throw new TypeError('a plugin was stored without its row')
  return uploadedRecord(row)
}

async function readPluginSource({ path, yamlFile = defaultYaml }: PluginSource): Promise<BlueprintFiles> {
  const isYaml = /\.ya?ml$/i.test(path)
  try {
    return await readBlueprintSource(isYaml ? { path } : { path, mainFile: yamlFile })
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'blueprint.no_main_file') throw thrown
    throw fault('plugin.no_yaml', { details: { path, file: yamlFile } })
  }
}

interface ModulePlace {
  readonly yaml: PluginYaml
  readonly files: BlueprintFiles
  /** Where the user has it. */
  readonly shownAt: string
  /** Where its files lie now. */
  readonly building: string
}

async function provided(engine: Engine, place: ModulePlace): Promise<PluginProvides | null> {
  const { yaml, files, shownAt, building } = place
  const module = moduleNames.find((name) => files.files.has(name))
  if (module === undefined) return null
  const shown = join(shownAt, module)
  return checkPluginModule({ plugin: yaml.packageName, path: join(building, module), shown }, engine.world)
}

function rowFor(engine: Engine, yaml: PluginYaml, files: BlueprintFiles, provides: PluginProvides | null): PluginRow {
  return {
    package: yaml.packageName,
    version: yaml.version,
    description: yaml.description,
    digest: files.digest,
    yaml: yaml.text,
    files: JSON.stringify([...files.files.keys()]),
    provides: JSON.stringify({ operations: [], workflows: [], ...provides, nodeTypes: yaml.nodeTypes }),
    created_at: engine.world.clock.now(),
  }
}

function insertOf({ store }: Engine, row: PluginRow): ReturnType<typeof write> {
  return write(
    store.query
      .insertInto('plugins')
      .values(row)
      .onConflict((on) => on.columns(['package', 'version']).doNothing()),
  )
}

function rowOf({ store }: Engine, yaml: PluginYaml): Promise<{ readonly version: string } | undefined> {
  return store.query
    .selectFrom('plugins')
    .select('version')
    .where('package', '=', yaml.packageName)
    .where('version', '=', yaml.version)
    .executeTakeFirst()
}

function refuseBundledNames(yaml: PluginYaml): void {
  const own = new Set([...bundledPluginNames(), ...bundledPlugins.flatMap(({ name, packages }) => [name, ...packages])])
  const taken = [yaml.packageName, ...yaml.names].find((name) => own.has(name))
  if (taken === undefined) return
  const hint = 'that name belongs to a plugin that comes with fermata; choose another'
  throw fault('usage.exists', { details: { kind: 'plugin', id: taken }, hint })
}

function exists(yaml: PluginYaml): Fault {
  const hint = 'raise package_version in its plugin.yaml, or delete that one first'
  return fault('usage.exists', { details: { kind: 'plugin', id: shownName(yaml) }, hint })
}

function shownName({ packageName, version }: PluginYaml): string {
  return `${packageName} ${version}`
}

function refused(problems: readonly Problem[], file: string, text: string): BlueprintRefused {
  return new BlueprintRefused(problems, { [file]: text }, 'plugin')
}
