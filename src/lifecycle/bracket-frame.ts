// A bracket as it was asked for, in terms of instances: who is frozen in which tier, who is cut, who has to stand still
// for whom. The same in every round, and in every process that works on it.
import { computeType, fsPrepare } from './operations.ts'
import { freezeRuleOf, type FreezeRule } from './freeze-policy.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { PluginOperation } from '../plugins/contract/operation.ts'
import type { Consistency } from '../plugins/contract/consistency.ts'
import type { BracketOptions, Member } from '../plugins/contract/workflow.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

export interface Tier {
  readonly inputs: JsonObject
  readonly members: readonly Instance[]
}

export class BracketFrame {
  readonly options: BracketOptions
  readonly tiers: readonly Tier[]
  /** Those that are asked to be cut and do it. */
  readonly cuts: readonly Instance[]
  /** Of all tiers. */
  readonly members: readonly Instance[]
  /** Those that do fs_prepare, in the order of the tiers, also when nobody wants them frozen. */
  readonly freezers: readonly Instance[]
  readonly #site: Site
  readonly #rules: ReadonlyMap<string, FreezeRule>
  /** Who has to stand still for what is on a host: host id -> freezers. */
  readonly #onHost: ReadonlyMap<string, readonly Instance[]>
  #neighbours: ReadonlyMap<string, readonly string[]> | undefined

  constructor(site: Site, options: BracketOptions) {
    this.#site = site
    this.options = options
    const instances = (members: readonly Member[]): Instance[] => members.map((member) => site.topology.get(member.id))
    this.tiers = options.tiers.map((tier) => ({ inputs: tier.inputs, members: instances(tier.members) }))
    this.cuts = instances(options.cut.members).filter((member) => member.does(options.cut.operation))
    this.members = this.tiers.flatMap((tier) => tier.members)
    this.freezers = this.members.filter((member) => member.does(fsPrepare))
    this.#onHost = byHost(this.freezers)
    this.#rules = new Map(this.members.map((member) => [member.id, freezeRuleOf(member.node, options)]))
  }

  ruleOf(member: Instance): FreezeRule {
    return this.#rules.get(member.id) ?? freezeRuleOf(member.node, this.options)
  }

  operationOf(member: Instance, name: string): PluginOperation | undefined {
    const planned = member.planned.operations[name]
    return planned && this.#site.findOperation(planned.plugin, planned.operation)
  }

  isCompute(member: Instance): boolean {
    return member.node.typeHierarchy.includes(computeType)
  }

  /** What a cut under the member's freeze is worth. */
  givesOf(member: Instance): Consistency {
    const operation = this.operationOf(member, fsPrepare)
    const own = operation?.kind === 'freeze' ? operation.gives : undefined
    return own ?? (this.isCompute(member) ? 'filesystem' : 'application')
  }

  /** Who has to stand still for the part of `cut`: itself, its host, and what else runs there. */
  standersOf(cut: Instance): readonly Instance[] {
    const own = cut.does(fsPrepare) && this.#rules.has(cut.id) ? [cut] : []
    return [...new Set([...own, ...this.#hostsOf(cut).flatMap((host) => this.#onHost.get(host) ?? [])])]
  }

  // A disk that is contained in nothing belongs to the hosts of those it is connected with.
  #hostsOf(cut: Instance): readonly string[] {
    if (cut.hostId !== undefined) return [cut.hostId]
    this.#neighbours ??= hostsOfNeighbours(this.#site.topology.instances)
    return this.#neighbours.get(cut.id) ?? []
  }

  /** The groups of the blueprint that take part with at least two instances. */
  get groups(): Readonly<Record<string, readonly string[]>> {
    const taking = new Set([...this.freezers, ...this.cuts].map(({ id }) => id))
    const groups = Object.entries(this.#site.topology.groups).map(
      ([name, ids]) => [name, ids.filter((id) => taking.has(id))] as const,
    )
    return Object.fromEntries(groups.filter(([, ids]) => ids.length > 1))
  }
}

function byHost(freezers: readonly Instance[]): ReadonlyMap<string, readonly Instance[]> {
  const onHost = new Map<string, Instance[]>()
  for (const member of freezers) {
    for (const host of new Set([member.id, member.hostId ?? member.id]))
      onHost.set(host, [...(onHost.get(host) ?? []), member])
  }
  return onHost
}

function hostsOfNeighbours(instances: readonly Instance[]): ReadonlyMap<string, readonly string[]> {
  const hostOf = new Map(instances.map(({ id, hostId }) => [id, hostId]))
  const hosts = new Map<string, string[]>()
  const add = (id: string, host: string | undefined): void => {
    if (host !== undefined) hosts.set(id, [...(hosts.get(id) ?? []), host])
  }
  for (const { id, relationships } of instances) {
    for (const { targetId } of relationships) {
      add(id, hostOf.get(targetId))
      add(targetId, hostOf.get(id))
    }
  }
  return hosts
}
