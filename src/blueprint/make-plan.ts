// From the merged document to the plan: reads every section in the order in which they depend on each other.
import type { Json, JsonObject } from '../kernel/json.ts'
import type { Build } from './elements/build.ts'
import { DataTypes } from './elements/data-type.ts'
import { readDeploymentSettings } from './elements/deployment-settings.ts'
import { type Group, readGroups } from './elements/group.ts'
import { findHosts, findPlugins } from './elements/hosts.ts'
import { ImplementationMapper } from './elements/implementation.ts'
import { readInputs } from './elements/input.ts'
import { readLabels, readResourceTags } from './elements/label.ts'
import { type DraftNode, readNodeTemplates } from './elements/node-template.ts'
import { readNodeTypes } from './elements/node-type.ts'
import { readValues } from './elements/output.ts'
import { readPlugins } from './elements/plugin.ts'
import { policyJson, readPolicies, scaleJson } from './elements/policy.ts'
import { type PolicyType, readPolicyTypes } from './elements/policy-type.ts'
import { checkRelationshipCycles } from './elements/relationship-cycle.ts'
import { readRelationshipTypes } from './elements/relationship-type.ts'
import { makeScalingGroups } from './elements/scaling-group.ts'
import type { Scene } from './elements/scene.ts'
import { checkSingles } from './elements/single.ts'
import { readWorkflows } from './elements/workflow.ts'
import type { Plan, PlannedNode } from './plan.ts'
import { checkFunctions } from './plan-functions.ts'

interface PlanOptions {
  readonly checksFunctions: boolean
  readonly checksInputDefaults: boolean
}

/** Whatever is wrong goes to the build's reporter; the plan only counts when nothing did. */
export function makePlan(build: Build, options: PlanOptions): Plan {
  const { document } = build
  const types = new DataTypes(build)
  const plugins = readPlugins(build)
  const nodeTypes = readNodeTypes(types, build)
  const relationshipTypes = readRelationshipTypes(types, build)
  const mapper = new ImplementationMapper(plugins, document)
  const scene: Scene = { build, types, nodeTypes, relationshipTypes, plugins, mapper }
  const drafts = readNodeTemplates(scene)
  checkRelationshipCycles(drafts, build)
  const hosts = findHosts(drafts)
  const used = findPlugins(drafts, hosts, build)
  const policyTypes = readPolicyTypes('policy_types', types, build)
  const policyTriggers = readPolicyTypes('policy_triggers', types, build)
  const groups = readGroups(policyTypes, policyTriggers, scene)
  const policies = readPolicies(groups, build)
  const scalingGroups = makeScalingGroups(groups, policies, drafts, build)
  const singles = checkSingles(build)
  const plan: Omit<Plan, 'secrets'> = {
    dslVersion: document.version,
    ...singles,
    inputs: readInputs(types, build, options.checksInputDefaults),
    nodes: drafts.map((draft) => finish(draft, hosts, used)),
    relationshipTypes: Object.fromEntries([...relationshipTypes].map(([name, type]) => [name, type?.hierarchy ?? []])),
    dataTypes: types.toJson(),
    outputs: readValues('outputs', build),
    capabilities: readValues('capabilities', build),
    workflows: readWorkflows(scene),
    plugins: Object.fromEntries(plugins),
    groups: Object.fromEntries([...groups].map(([name, group]) => [name, groupJson(group)])),
    scalingGroups: Object.fromEntries(
      scalingGroups.map(({ name, members, scale }) => [name, { members, properties: scaleJson(scale) }]),
    ),
    policies: Object.fromEntries(policies.map((policy) => [policy.name, policyJson(policy)])),
    policyTypes: typesJson(policyTypes),
    policyTriggers: typesJson(policyTriggers),
    labels: readLabels('labels', build),
    blueprintLabels: readLabels('blueprint_labels', build),
    resourceTags: readResourceTags(build),
    deploymentSettings: readDeploymentSettings(build),
    namespaces: document.namespaces,
    importedBlueprints: document.importedBlueprints,
  }
  const secrets = checkFunctions(plan, drafts, build, options.checksFunctions)
  return { ...plan, secrets }
}

function finish(
  draft: DraftNode,
  hosts: ReadonlyMap<string, string | null>,
  used: ReadonlyMap<string, readonly string[]>,
): PlannedNode {
  const { element: _element, scale, ...node } = draft
  return { ...node, instances: scale, hostId: hosts.get(node.id) ?? null, plugins: used.get(node.id) ?? [] }
}

function groupJson({ members, policies }: Group): JsonObject {
  return { members, policies }
}

function typesJson(types: ReadonlyMap<string, PolicyType>): JsonObject {
  return Object.fromEntries([...types].map(([name, { json }]): [string, Json] => [name, json]))
}
