// Small blueprints for tests, and the two calls that all of them make.
import { expect } from 'chai'
import { type BlueprintTexts, parseBlueprint } from '../../../src/blueprint/parse-blueprint.ts'
import type { Deployment, Plan } from '../../../src/blueprint/plan.ts'
import { prepareDeployment, type PrepareOptions } from '../../../src/blueprint/prepare-deployment.ts'
import type { Problem } from '../../../src/blueprint/problem.ts'

/** The text under a version line. */
export function blueprint(body: string, version = 'cloudify_dsl_1_3'): string {
  return `tosca_definitions_version: ${version}\n${body}`
}

export function planOf(body: string, texts: Partial<BlueprintTexts> = {}): Plan {
  const result = parseBlueprint({ ...texts, main: blueprint(body) })
  expect(result.problems ?? []).to.deep.equal([])
  return result.plan as Plan
}

export function problemsOf(body: string, texts: Partial<BlueprintTexts> = {}): readonly Problem[] {
  const result = parseBlueprint({ ...texts, main: blueprint(body) })
  expect(result.problems, 'the blueprint was accepted').to.not.equal(undefined)
  return result.problems ?? []
}

function counter(): () => string {
  let count = 0
  return () => String((count += 1)).padStart(6, '0')
}

export function deploymentOf(plan: Plan, options: Partial<PrepareOptions> = {}): Deployment {
  const result = prepareDeployment(plan, { newSuffix: counter(), ...options })
  expect(result.problems ?? []).to.deep.equal([])
  return result.deployment as Deployment
}

export function refusalsOf(plan: Plan, options: Partial<PrepareOptions> = {}): readonly Problem[] {
  const result = prepareDeployment(plan, { newSuffix: counter(), ...options })
  expect(result.problems, 'the deployment was accepted').to.not.equal(undefined)
  return result.problems ?? []
}
