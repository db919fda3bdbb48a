// Uploading, checking and deleting blueprints.
import { rm } from 'node:fs/promises'
import { parseBlueprint } from '../blueprint/parse-blueprint.ts'
import type { Plan } from '../blueprint/plan.ts'
import type { Problem } from '../blueprint/problem.ts'
import { Fault, fault } from '../kernel/fault.ts'
import { insert, type Write } from '../store/store.ts'
import type { BlueprintSource, Fermata } from './api.ts'
import { blueprintTexts, namedTexts, type NamedTexts } from './blueprint-texts.ts'
import { readBlueprintSource, type BlueprintFiles } from './blueprint-files.ts'
import { writeBlueprintFolder } from './blueprint-folder.ts'
import { BlueprintRefused } from './blueprint-refused.ts'
import { commitNew } from './commit-new.ts'
import type { Engine } from './engine.ts'
import { makeFolder } from './home.ts'
import { importersOf } from './imported-blueprints.ts'
import { checkId } from './identifier.ts'
import { usedPlugins, withReasons, type UploadedText } from './plugin-imports.ts'
import { blueprintRow, loadPlan } from './plans.ts'
import { blueprintRecord } from './rows.ts'

export function blueprintsOf(engine: Engine): Fermata['blueprints'] {
  return {
    upload: (id, source) => upload(engine, id, source),
    async validate(source) {
      const { problems, texts } = await parse(engine, await readBlueprintSource(source), true)
      return { problems, source: texts }
    },
    async plan(source) {
      if (typeof source === 'string') return loadPlan(engine, source)
      const { plan, problems, texts } = await parse(engine, await readBlueprintSource(source))
      if (!plan) throw new BlueprintRefused(problems, texts)
      return plan
    },
    async list() {
      const rows = await engine.store.query
        .selectFrom('blueprints')
        .select(['id', 'main_file', 'description', 'digest', 'created_at'])
        .orderBy('created_at')
        .execute()
      return rows.map(blueprintRecord)
    },
    async get(id) {
      const row = await blueprintRow(engine, id)
      const plan = await loadPlan(engine, id)
      return {
        ...blueprintRecord(row),
        dslVersion: plan.dslVersion,
        inputs: plan.inputs,
        workflows: plan.workflows,
        nodes: plan.nodes.map((node) => ({ id: node.id, type: node.type })),
        deployments: await deploymentsOn(engine, id),
      }
    },
    async delete(id) {
      await blueprintRow(engine, id)
      const users = await deploymentsOn(engine, id)
      if (users.length > 0)
        throw fault('usage.in_use', { details: { kind: 'blueprint', id, users: `deployment ${users.join(', ')}` } })
      const importers = await importersOf(engine, id)
      if (importers.length > 0)
        throw fault('usage.in_use', { details: { kind: 'blueprint', id, users: `blueprint ${importers.join(', ')}` } })
      await engine.store.commit([removal(id)])
      await rm(engine.home.blueprint(id), { recursive: true, force: true })
    },
  }
}

async function upload(
  engine: Engine,
  id: string,
  source: BlueprintSource,
): ReturnType<Fermata['blueprints']['upload']> {
  const files = await readBlueprintSource(source)
  checkId('blueprint', id)
  const { plan, problems, texts, imported } = await parse(engine, files)
  if (!plan) throw new BlueprintRefused(problems, texts)
  if (await isTaken(engine, id)) throw fault('usage.exists', { details: { kind: 'blueprint', id } })
  await makeFolder(engine.home.blueprints)
  const row = {
    id,
    main_file: files.mainFile,
    description: plan.description,
    digest: files.digest,
    plan: JSON.stringify(plan),
    created_at: engine.world.clock.now(),
  }
  let isOurs = false
  // The name is taken before the files are moved there: of two uploads at once only one may touch the folder.
  const claim = async (): Promise<void> => {
    await claimName(engine, id, insert('blueprints', row, 'on conflict (id) do nothing'), { plan, imported })
    isOurs = true
  }
  try {
    await writeBlueprintFolder(engine.home.blueprint(id), files.files, { unique: engine.world.newId(), claim })
  } catch (thrown) {
    if (isOurs) await engine.store.commit([removal(id)])
    throw thrown
  }
  return blueprintRecord(row)
}

const removal = (id: string): Write => ({ sql: 'delete from blueprints where id = ?', rows: [[id]] })

async function isTaken({ store }: Engine, id: string): Promise<boolean> {
  return (await store.read('select id from blueprints where id = ?', [id])).length > 0
}

/** Takes the id, and holds on to the plugins it uses: of both a look alone would be out of date by now. */
async function claimName(
  engine: Engine,
  id: string,
  first: Write,
  { plan, imported }: { readonly plan: Plan; readonly imported: readonly UploadedText[] },
): Promise<void> {
  const uses: Write = {
    sql: 'insert or ignore into blueprint_plugins (blueprint_id, package, version) values (?, ?, ?)',
    rows: usedPlugins(plan).map((used) => [id, used.package, used.version]),
  }
  const areThere: Write = {
    sql: 'update plugins set version = version where package = ? and version = ?',
    rows: imported.map((plugin) => [plugin.package, plugin.version]),
    expect: imported.length,
  }
  try {
    await commitNew(engine.store, { kind: 'blueprint', id }, first, [uses, areThere])
  } catch (thrown) {
    if ((await isTaken(engine, id)) || !(thrown instanceof Fault) || thrown.code !== 'usage.exists') throw thrown
    const details = { kind: 'plugin', id: imported.map((plugin) => plugin.package).join(', ') }
    throw fault('usage.not_found', { details, hint: 'it was deleted just now' })
  }
}

interface Parsed {
  readonly plan: Plan | undefined
  readonly problems: readonly Problem[]
  /** Texts of the files that problems name. */
  readonly texts: Readonly<Record<string, string>>
  readonly imported: readonly UploadedText[]
}

/** With `isJudged` a blueprint without problems is looked through for what deserves a warning. */
async function parse(engine: Engine, { mainFile, files }: BlueprintFiles, isJudged = false): Promise<Parsed> {
  const texts = await blueprintTexts(engine, mainFile, files)
  const outcome = parseBlueprint(texts)
  const { imported, reasons } = texts.uploaded
  const problems = outcome.problems
    ? withReasons(outcome.problems, reasons)
    : isJudged
      ? await judge(engine, texts, outcome.plan)
      : outcome.warnings
  return { plan: outcome.plan, problems, texts: namedTexts(problems, texts), imported }
}

async function judge(engine: Engine, texts: NamedTexts, plan: Plan): Promise<readonly Problem[]> {
  const { lintBlueprint } = await import('../blueprint/lint/lint-blueprint.ts')
  const { lintKnowledge } = await import('./lint-knowledge.ts')
  return lintBlueprint(texts, await lintKnowledge(engine, plan, Object.keys(texts.files)))
}

async function deploymentsOn({ store }: Engine, id: string): Promise<string[]> {
  const rows = await store.query
    .selectFrom('deployments')
    .select('id')
    .where('blueprint_id', '=', id)
    .orderBy('created_at')
    .execute()
  return rows.map((row) => row.id)
}
