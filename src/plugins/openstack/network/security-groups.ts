// Security groups and their rules.
import type { Json, JsonObject } from '../../../kernel/json.ts'
import { Fault } from '../../../kernel/fault.ts'
import { badProperty } from '../errors.ts'
import { Reader } from '../reader.ts'
import { deleteThing, idOfNamed, listThings, makeThing } from '../resource/api.ts'
import { fieldsOf, namedFieldsOf, wantedOf } from '../resource/fields.ts'
import { idOf, type ResourceKind, type Scene } from '../resource/kind.ts'
import { relatedOfType } from '../resource/related.ts'
import { networkQuota } from '../resource/validate.ts'

export const securityGroups: ResourceKind = {
  word: 'security group',
  type: 'security_group',
  service: 'network',
  path: '/security-groups',
  collection: 'security_groups',
  member: 'security_group',
  marking: 'description',
  change: 'PUT',
  async describe(scene) {
    const description = wantedOf(scene).text('description') ?? scene.settings.options.text('description')
    return {
      ...namedFieldsOf(scene, ['rules', 'security_group_rules']),
      ...(description === undefined ? {} : { description }),
    }
  },
  quota: networkQuota('security_group'),
}

export const securityGroupRules: ResourceKind = {
  word: 'security group rule',
  type: 'security_group_rule',
  service: 'network',
  path: '/security-group-rules',
  collection: 'security_group_rules',
  member: 'security_group_rule',
  nameField: null,
  marking: 'description',
  async describe(scene) {
    const named = wantedOf(scene).text('security_group_id')
    const group =
      named === undefined
        ? (await relatedOfType(scene.ctx, securityGroups.type))[0]?.id
        : await idOfNamed(scene.cloud, securityGroups, named)
    if (group === undefined) {
      throw badProperty('resource_config.security_group_id', 'name the group, or let a relationship lead to it')
    }
    return { ...(await ruleOf(scene, new Reader(fieldsOf(scene), 'resource_config'))), security_group_id: group }
  },
  quota: networkQuota('security_group_rule'),
}

/** Those that it has already are left as they are. */
export async function addRules(scene: Scene, group: string, wanted: readonly Reader[]): Promise<void> {
  const { cloud, ctx } = scene
  const known = new Set<string>()
  for await (const rule of listThings(cloud, securityGroupRules, { security_group_id: group })) {
    known.add(essenceOf(rule))
  }
  let added = 0
  for (const one of wanted) {
    const rule = { ...(await ruleOf(scene, one)), security_group_id: group }
    if (known.has(essenceOf(rule))) continue
    await makeThing(cloud, securityGroupRules, rule).catch(unlessThere)
    known.add(essenceOf(rule))
    added += 1
  }
  ctx.log.info(`Added ${added} of ${wanted.length} rules to security group ${group}`)
}

/** Neutron lets everything out of a new group. */
export async function removeDefaultRules({ cloud }: Scene, group: string): Promise<void> {
  const found: string[] = []
  for await (const rule of listThings(cloud, securityGroupRules, { security_group_id: group, direction: 'egress' })) {
    if (rule['direction'] !== 'egress') continue
    const isDefault = ['protocol', 'port_range_min', 'port_range_max', 'remote_ip_prefix', 'remote_group_id'].every(
      (name) => (rule[name] ?? null) === null,
    )
    if (isDefault) found.push(idOf(securityGroupRules, rule))
  }
  for (const id of found) await deleteThing(cloud, securityGroupRules, id)
}

// Another attempt of ours, or its answer that was lost: the rule is there.
function unlessThere(thrown: unknown): void {
  if (thrown instanceof Fault && thrown.code === 'openstack.conflict') return
  throw thrown
}

// The older blueprints say `port`, and name groups by their nodes; those for Nova's own network have words of their own.
const olderNames: Readonly<Record<string, string>> = {
  ip_protocol: 'protocol',
  from_port: 'port_range_min',
  to_port: 'port_range_max',
  cidr: 'remote_ip_prefix',
  group_id: 'remote_group_id',
}
const ownWords = new Set(['id', 'port', 'remote_group_name', 'remote_group_node', 'security_group'])

async function ruleOf(scene: Scene, from: Reader): Promise<JsonObject> {
  const { port, remote_group_name: groupName, remote_group_node: groupNode } = from.values
  const fields = Object.fromEntries(
    Object.entries(from.values).flatMap(([name, value]) =>
      ownWords.has(name) || isNothing(value) ? [] : [[olderNames[name] ?? name, value]],
    ),
  ) as JsonObject
  const single = port === undefined || port === null ? undefined : from.integer('port', 0, 65_535)
  const group = await remoteGroup(scene, groupName, groupNode)
  return {
    direction: 'ingress',
    ethertype: 'IPv4',
    ...fields,
    ...(single === undefined ? {} : { port_range_min: single, port_range_max: single }),
    ...integers(from),
    ...(group === undefined ? {} : { remote_group_id: group }),
  }
}

/** -1 was how Nova wrote any kind of ICMP. */
function isNothing(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '' || value === -1 || value === '-1'
}

function integers(from: Reader): JsonObject {
  const port = (name: string): number | undefined =>
    isNothing(from.value(name)) ? undefined : from.integer(name, 0, 65_535)
  const least = port('port_range_min') ?? port('from_port')
  const most = port('port_range_max') ?? port('to_port')
  return {
    ...(least === undefined ? {} : { port_range_min: least }),
    ...(most === undefined ? {} : { port_range_max: most }),
  }
}

async function remoteGroup(
  { ctx, cloud }: Scene,
  name: Json | undefined,
  node: Json | undefined,
): Promise<string | undefined> {
  if (typeof node === 'string' && node !== '') {
    const id = await ctx.evaluate({ get_attribute: [node, 'id'] })
    if (typeof id === 'string' && id !== '') return id
    throw badProperty('remote_group_node', `the node '${node}' has no id yet; let this one depend on it`)
  }
  return typeof name === 'string' && name !== '' ? idOfNamed(cloud, securityGroups, name) : undefined
}

const essentials = [
  'direction',
  'ethertype',
  'protocol',
  'port_range_min',
  'port_range_max',
  'remote_ip_prefix',
  'remote_group_id',
]

function essenceOf(rule: JsonObject): string {
  return JSON.stringify(essentials.map((name) => String(rule[name] ?? '')))
}
