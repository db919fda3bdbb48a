// Networks, subnetworks, routes, firewall rules and addresses.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { operation, type PluginOperation } from '../../contract/operation.ts'
import { lastPart } from '../client/operations.ts'
import { pathOf } from '../client/project.ts'
import { badProperty } from '../errors.ts'
import { networkNamed } from '../instance/describe.ts'
import { safeName } from '../names.ts'
import { regionOf, sceneOf, type Scene } from '../settings.ts'
import type { ResourceKind, Thing } from './kind.ts'
import { deleteThing, makeNamed, resourceOperations } from './operations.ts'
import { relatedTo } from './related.ts'

const network: ResourceKind = {
  word: 'network',
  collection: 'networks',
  place: 'global',
  describe: ({ settings: { options } }) => ({ autoCreateSubnetworks: options.boolean('auto_subnets') ?? true }),
}

const subnetwork: ResourceKind = {
  word: 'subnetwork',
  collection: 'subnetworks',
  place: 'region',
  async describe(scene) {
    const { options } = scene.settings
    return {
      ipCidrRange: options.required('subnet', options.text),
      network: await networkOf(scene),
      region: `regions/${regionOf(scene)}`,
    }
  },
}

const route: ResourceKind = {
  word: 'route',
  collection: 'routes',
  place: 'global',
  async describe(scene) {
    const { options } = scene.settings
    const hop = options.text('next_hop')
    const [instance] = await relatedTo(scene.ctx, 'compute#instance')
    return {
      network: await networkOf(scene),
      destRange: options.required('dest_range', options.text),
      priority: options.integer('priority') ?? 1000,
      tags: [...options.texts('tags')],
      ...nextHop(hop ?? instance?.selfLink),
    }
  },
}

/** An address, an instance, or a gateway. */
function nextHop(hop: string | undefined): JsonObject {
  if (hop === undefined) return { nextHopGateway: 'global/gateways/default-internet-gateway' }
  if (/^[\d.]+$|^[0-9a-f:]+$/i.test(hop)) return { nextHopIp: hop }
  return hop.includes('/instances/') ? { nextHopInstance: hop } : { nextHopGateway: hop }
}

const firewall: ResourceKind = {
  word: 'firewall',
  collection: 'firewalls',
  place: 'global',
  async describe(scene) {
    const { options } = scene.settings
    const targetTags = options.texts('target_tags')
    return {
      network: await networkOf(scene),
      allowed: allowedOf(options.value('allowed'), 'allowed'),
      ...sourcesOf(options.texts('sources')),
      ...(targetTags.length === 0 ? {} : { targetTags: [...targetTags] }),
    }
  },
}

/** `{tcp: [80, '1000-2000'], icmp: []}`. */
function allowedOf(value: Json | undefined, property: string): readonly JsonObject[] {
  const allowed = value ?? {}
  if (!isJsonObject(allowed)) throw badProperty(property, 'expected protocols with their ports')
  return Object.entries(allowed).map(([protocol, ports]) => ({
    IPProtocol: protocol,
    ...(Array.isArray(ports) && ports.length > 0 ? { ports: (ports as readonly Json[]).map(String) } : {}),
  }))
}

/** Ranges begin with a digit or have a slash; the others are tags. */
function sourcesOf(sources: readonly string[]): JsonObject {
  const ranges = sources.filter((source) => /^[\d.]+(\/\d+)?$|:/.test(source))
  const tags = sources.filter((source) => !ranges.includes(source))
  return {
    ...(ranges.length === 0 ? {} : { sourceRanges: ranges }),
    ...(tags.length === 0 ? {} : { sourceTags: tags }),
  }
}

const address: ResourceKind = {
  word: 'address',
  collection: 'addresses',
  place: ({ ctx }) => (isRegional(ctx.node.typeHierarchy) ? 'region' : 'global'),
  describe: () => ({}),
  attributes: ({ address: ip = null }: Thing) => ({ address: ip, ip, public_ip_address: ip }),
}

const isRegional = (types: readonly string[]): boolean => types.some((type) => /\.gcp\.(nodes\.)?Address$/.test(type))

async function networkOf(scene: Scene): Promise<string> {
  const [related] = await relatedTo(scene.ctx, 'compute#network')
  return related?.selfLink || networkNamed(scene.project.network)
}

const group = 'cloudify_gcp.compute.security_group'

/** A tag, and a firewall rule for each of its rules: instances that have the tag are reached as they say. */
const securityGroup: Readonly<Record<string, PluginOperation>> = {
  [`${group}.create`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const name = scene.settings.recordedName ?? scene.settings.wantedName
      rulesOf(scene)
      Object.assign(ctx.instance.runtimeProperties, { kind: 'compute#securitygroup', name, tag: name })
    },
  }),
  [`${group}.configure`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const name = scene.settings.recordedName ?? scene.settings.wantedName
      const rules = rulesOf(scene)
      const made = rules.map((_rule, index) => safeName(`${name}-${index}`))
      ctx.instance.runtimeProperties['firewalls'] = made
      await ctx.save()
      for (const [index, rule] of rules.entries()) {
        await makeNamed(scene, firewall, made[index] ?? '', {
          ...rule,
          network: await networkOf(scene),
          targetTags: [name],
        })
      }
      ctx.log.info(`Created ${made.length} firewall rules for the tag ${name}`)
    },
  }),
  [`${group}.delete`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const { firewalls } = ctx.instance.runtimeProperties
      for (const name of Array.isArray(firewalls) ? (firewalls as readonly Json[]) : []) {
        await deleteThing(scene, pathOf`/global/firewalls/${lastPart(String(name))}`)
      }
      for (const name of ['kind', 'name', 'tag', 'firewalls']) delete ctx.instance.runtimeProperties[name]
    },
  }),
  [`${group}.creation_validation`]: operation({ run: async (ctx, inputs) => void rulesOf(await sceneOf(ctx, inputs)) }),
}

function rulesOf({ settings: { options } }: Scene): readonly JsonObject[] {
  return options.list('rules').map((rule) => ({
    allowed: allowedOf(rule.value('allowed'), rule.pathOf('allowed')),
    ...sourcesOf(rule.texts('sources')),
  }))
}

const name = 'cloudify_gcp.compute'

export const networkOperations: Readonly<Record<string, PluginOperation>> = {
  ...resourceOperations(`${name}.network`, network),
  ...resourceOperations(`${name}.subnetwork`, subnetwork),
  ...resourceOperations(`${name}.route`, route),
  ...resourceOperations(`${name}.firewall`, firewall),
  ...resourceOperations(`${name}.address`, address),
  ...securityGroup,
  [`${name}.subnetwork.creation_validation`]: operation({
    run: async (ctx, inputs) => void (await subnetwork.describe(await sceneOf(ctx, inputs))),
  }),
  [`${name}.instance.validate_contained_in_network`]: operation({
    async run(ctx) {
      const target = ctx.relationship?.target.node
      const isBare = target?.typeHierarchy.some((type) => /\.gcp\.(nodes\.)?Network$/.test(type)) ?? false
      if (isBare && target?.properties['auto_subnets'] === false) {
        throw badProperty(
          'auto_subnets',
          `network '${target.id}' makes no subnets: the instance must be in one of them`,
        )
      }
    },
  }),
}
