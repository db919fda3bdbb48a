// Runs an example: parses it, makes a deployment of it when it says with what, and gives all problems with their places.
import { modifyDeployment } from '../../src/blueprint/modify-deployment.ts'
import { type BlueprintTexts, parseBlueprint } from '../../src/blueprint/parse-blueprint.ts'
import { placeProblems } from '../../src/blueprint/place-problems.ts'
import { prepareDeployment } from '../../src/blueprint/prepare-deployment.ts'
import type { Problem } from '../../src/blueprint/problem.ts'
import type { ProblemExample } from './example.ts'

export interface ExampleOutcome {
  readonly problems: readonly Problem[]
  /** File -> text. */
  readonly texts: Readonly<Record<string, string>>
}

const mainFile = 'blueprint.yaml'

export function runExample(example: ProblemExample): ExampleOutcome {
  const { blueprint, version = 'cloudify_dsl_1_3', files = {}, blueprints = {}, plugins = {} } = example
  const text = version === null ? blueprint : `tosca_definitions_version: ${version}\n${blueprint}`
  const texts = { ...(text === '' ? {} : { [mainFile]: text }), ...files }
  const given: BlueprintTexts = { main: mainFile, files: texts, blueprints, plugins }
  const { plan, problems } = parseBlueprint(given)
  if (problems !== undefined || example.inputs === undefined) return { problems: problems ?? [], texts }
  let count = 0
  const newSuffix = (): string => String((count += 1)).padStart(6, '0')
  const { secrets, inputs, scale } = example
  const options = { newSuffix, inputs, ...(secrets === undefined ? {} : { secrets }) }
  const prepared = prepareDeployment(plan, options)
  if (prepared.problems !== undefined) return { problems: placeProblems(prepared.problems, given), texts }
  const changed = scale === undefined ? undefined : modifyDeployment(prepared.deployment, { newSuffix, scale })
  return { problems: changed?.problems ?? [], texts }
}
