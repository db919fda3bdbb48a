// Uploading, checking and deleting blueprints.
import { rm } from 'node:fs/promises'
import { parseBlueprint } from '../blueprint/parse-blueprint.ts'
import type { Plan } from '../blueprint/plan.ts'
import type { Problem } from '../blueprint/problem.ts'
import { fault } from '../kernel/fault.ts'
import { write } from '../store/store.ts'
import type { BlueprintSource, Fermata } from './api.ts'
import { readBlueprintSource, type BlueprintFiles } from './blueprint-files.ts'
import { writeBlueprintFolder } from './blueprint-folder.ts'
import { BlueprintRefused } from './blueprint-refused.ts'
import type { Engine } from './engine.ts'
import { makeFolder } from './home.ts'
import { checkId } from './identifier.ts'
import { blueprintRow, loadPlan } from './plans.ts'
import { bundledPluginTypes } from './plugin-registry.ts'
import { blueprintRecord } from './rows.ts'

export function blueprintsOf(engine: Engine): Fermata['blueprints'] {
  const { query } = engine.store
  return {
    upload: (id, source) => upload(engine, id, source),
    async validate(source) {
      const { problems, texts } = await parse(await readBlueprintSource(source))
      return { problems, source: texts }
    },
    async list() {
      const rows = await query.selectFrom('blueprints').select(['id', 'main_file', 'description', 'digest', 'created_at']).orderBy('created_at').execute()
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
      if (users.length > 0) throw fault('usage.in_use', { details: { kind: 'blueprint', id, users: `deployment ${users.join(', ')}` } })
      await engine.store.commit([write(query.deleteFrom('blueprints').where('id', '=', id))])
      await rm(engine.home.blueprint(id), { recursive: true, force: true })
    },
  }
}

async function upload(engine: Engine, id: string, source: BlueprintSource): ReturnType<Fermata['blueprints']['upload']> {
  const files = await readBlueprintSource(source)
  checkId('blueprint', id)
  const { plan, problems, texts } = await parse(files)
  if (!plan) throw new BlueprintRefused(problems, texts)
  const { query } = engine.store
  const taken = await query.selectFrom('blueprints').select('id').where('id', '=', id).executeTakeFirst()
  if (taken) throw fault('usage.exists', { details: { kind: 'blueprint', id } })
  await makeFolder(engine.home.blueprints)
  await writeBlueprintFolder(engine.home.blueprint(id), files.files, engine.world.newId())
  const row = {
    id,
    main_file: files.mainFile,
    description: plan.description,
    digest: files.digest,
    plan: JSON.stringify(plan),
    created_at: engine.world.clock.now(),
  }
  await engine.store.commit([write(query.insertInto('blueprints').values(row))])
  return blueprintRecord(row)
}

interface Parsed {
  readonly plan: Plan | undefined
  readonly problems: readonly Problem[]
  /** Texts of the files that problems name. */
  readonly texts: Readonly<Record<string, string>>
}

/** Files longer than this are no DSL; only their names matter to the parser. */
const longestText = 50 * 1024 * 1024

async function parse({ mainFile, files }: BlueprintFiles): Promise<Parsed> {
  const texts: Record<string, string> = {}
  for (const [path, { content }] of files) texts[path] = isText(content) ? content.toString('utf8') : ''
  const outcome = parseBlueprint({ main: mainFile, files: texts, plugins: await bundledPluginTypes() })
  const problems = 'problems' in outcome ? outcome.problems : outcome.warnings
  const named = new Set(problems.map((problem) => problem.file))
  return {
    plan: 'plan' in outcome ? outcome.plan : undefined,
    problems,
    texts: Object.fromEntries(Object.entries(texts).filter(([path]) => named.has(path))),
  }
}

function isText(content: Buffer): boolean {
  return content.length <= longestText && !content.subarray(0, 8000).includes(0)
}

async function deploymentsOn({ store }: Engine, id: string): Promise<string[]> {
  const rows = await store.query.selectFrom('deployments').select('id').where('blueprint_id', '=', id).orderBy('created_at').execute()
  return rows.map((row) => row.id)
}
