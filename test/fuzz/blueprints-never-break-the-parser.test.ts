// Damaged blueprints of every kind get problems with a place, or a plan; never an exception, never a long wait.
// FERMATA_SEED=4711 runs other texts, FERMATA_FUZZ_DOCUMENTS=200000 more of them.
import { expect } from 'chai'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeProblem } from '../../src/blueprint/describe.ts'
import { modifyDeployment } from '../../src/blueprint/modify-deployment.ts'
import { parseBlueprint } from '../../src/blueprint/parse-blueprint.ts'
import { prepareDeployment } from '../../src/blueprint/prepare-deployment.ts'
import type { Problem } from '../../src/blueprint/problem.ts'
import { summarizeDeployment, summarizePlan } from '../../src/blueprint/summarize.ts'
import { readRecords } from '../conformance/records.ts'
import { mutateValue } from './mutate-value.ts'
import { chanceOf, mutate, pick } from './mutate.ts'

const seed = Number(process.env['FERMATA_SEED'] ?? 20_261_121)
const documents = Number(process.env['FERMATA_FUZZ_DOCUMENTS'] ?? 20_000)
const longest = 1000

/** Path below `folder` -> text, of all YAML files at any depth. */
function yamlFiles(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {}
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.ya?ml$/.test(name))
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

const folderOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const shipped = yamlFiles(folderOf('../../blueprints'))
const files = { ...shipped, ...yamlFiles(folderOf('../../blueprints/tour')) }
const bundled = Object.values(yamlFiles(folderOf('../../src/blueprint/bundled')))
const samples = ['parse', 'prepare', 'multi'].flatMap((file) => (readRecords(file) ?? []).map(({ yaml }) => yaml))

/** What is wrong with how a text was answered; undefined when nothing is. */
function faultOf(main: string): string | undefined {
  const began = performance.now()
  try {
    const { plan, problems } = parseBlueprint({ main, files })
    const complaint = plan === undefined ? placeless(problems, main) : useOf(plan)
    if (complaint !== undefined) return complaint
  } catch (thrown) {
    return `threw ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`
  }
  const took = performance.now() - began
  return took > longest ? `took ${Math.round(took)} ms` : undefined
}

function placeless(problems: readonly Problem[], main: string): string | undefined {
  if (problems.length === 0) return 'neither a plan nor a problem'
  for (const problem of problems) {
    const { file, line, column, message } = problem
    if (file === '' || !(line >= 1) || !(column >= 1)) return `no place: ${message}`
    const text = file === 'blueprint.yaml' ? main : undefined
    if (text !== undefined && line > text.split(/\r\n|\r|\n/).length) return `line ${line} is not there: ${message}`
    if (!describeProblem(problem, text).includes(message)) return `described without its message: ${message}`
  }
  return undefined
}

/** A text that passes has to be of use afterwards as well. */
function useOf(plan: Parameters<typeof summarizePlan>[0]): string | undefined {
  let count = 0
  const newSuffix = (): string => (count += 1).toString(36).padStart(6, '0')
  JSON.stringify(summarizePlan(plan))
  const prepared = prepareDeployment(plan, { newSuffix, secrets: [] })
  if (prepared.problems !== undefined) {
    for (const problem of prepared.problems) describeProblem(problem)
    return prepared.problems.length > 0 ? undefined : 'neither a deployment nor a problem'
  }
  JSON.stringify(summarizeDeployment(prepared.deployment))
  const [node] = plan.nodes
  if (node === undefined) return undefined
  const changed = modifyDeployment(prepared.deployment, { newSuffix, scale: { [node.id]: 2 } })
  return changed.deployment === undefined && changed.problems.length === 0 ? 'neither changed nor a problem' : undefined
}

describe('damaged blueprints', function () {
  this.timeout(0)

  it(`never break the parser: ${documents} texts, FERMATA_SEED=${seed}`, () => {
    const chance = chanceOf(seed)
    const sources = [...Object.values(shipped), ...samples]
    const everything = [...sources, ...bundled]
    const broken: string[] = []
    for (let number = 0; number < documents && broken.length < 5; number += 1) {
      // The bundled types are forty times as long as the rest: now and then is enough.
      const source = pick(chance, chance() < 0.02 ? bundled : sources)
      const text = (chance() < 0.5 ? mutateValue(source, chance) : undefined) ?? mutate(source, chance, everything)
      const complaint = faultOf(text)
      if (complaint !== undefined)
        broken.push(`text ${number} of seed ${seed}: ${complaint.slice(0, 600)}\n${JSON.stringify(text)}`)
    }
    expect(broken.map((text) => text.slice(0, 1500))).to.deep.equal([])
  })

  it('are not waited for when they are only noise', () => {
    const chance = chanceOf(seed + 1)
    const broken: string[] = []
    for (let number = 0; number < documents / 20; number += 1) {
      const noise = mutate('', chance, ['tosca_definitions_version: cloudify_dsl_1_3\n'])
      const complaint = faultOf(`tosca_definitions_version: cloudify_dsl_1_3\n${noise}`)
      if (complaint !== undefined) broken.push(`${JSON.stringify(noise)}: ${complaint}`)
    }
    expect(broken.slice(0, 5)).to.deep.equal([])
  })
})
