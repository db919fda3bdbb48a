// Policies that share a network with another project, and what must go from the network before its sharing can end.
import { Fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import { operation } from '../../contract/operation.ts'
import { ambiguous, badProperty } from '../errors.ts'
import { Reader } from '../reader.ts'
import { changeThing, deleteThing, listThings } from '../resource/api.ts'
import { sceneOf } from '../resource/create.ts'
import { fieldsOf, wantedOf } from '../resource/fields.ts'
import { idOf, type ResourceKind, type Thing } from '../resource/kind.ts'
import { argsIn } from '../resource/operations.ts'
import { relatedTo } from '../resource/related.ts'
import { subnets } from './networks.ts'
import { ports } from './ports.ts'

const essentials = ['object_type', 'object_id', 'target_tenant', 'action']

export const rbacPolicies: ResourceKind = {
  word: 'RBAC policy',
  type: 'rbac_policy',
  service: 'network',
  path: '/rbac-policies',
  collection: 'rbac_policies',
  member: 'rbac_policy',
  nameField: null,
  marking: 'newcomer',
  change: 'PUT',
  async describe(scene) {
    const wanted = wantedOf(scene)
    const all = await relatedTo(scene.ctx)
    const shared = all.find(({ relationship }) =>
      relationship.typeHierarchy.some((type) => type.endsWith('rbac_policy_applied_to')),
    )
    const object = wanted.text('object_id') ?? shared?.id
    if (object === undefined) {
      throw badProperty('resource_config.object_id', 'name what is shared, or let a relationship lead to it')
    }
    return {
      ...fieldsOf(scene, ['name']),
      object_id: object,
      object_type: wanted.text('object_type') ?? shared?.type ?? 'network',
      action: wanted.text('action') ?? 'access_as_shared',
    }
  },
  isLike: (thing, wanted) => essentials.every((name) => thing[name] === wanted[name]),
}

/** By what it shares with whom, where no node knows its id. */
export const findAndDelete = operation({
  async run(ctx, inputs) {
    const { cloud, settings } = await sceneOf(ctx, inputs)
    const wanted = { ...settings.resource, ...argsIn(inputs, 'args') }
    const asked = essentials.filter((name) => typeof wanted[name] === 'string')
    if (asked.length === 0) throw badProperty('args', `say which one, by ${essentials.join(', ')}`)
    const found: Thing[] = []
    for await (const policy of listThings(cloud, rbacPolicies)) {
      if (asked.every((name) => policy[name] === wanted[name])) found.push(policy)
    }
    const ids = found.map((policy) => idOf(rbacPolicies, policy))
    const said = asked.map((name) => `${name} ${String(wanted[name])}`).join(', ')
    if (ids.length > 1) throw ambiguous(rbacPolicies.word, said, ids)
    for (const id of ids) await deleteThing(cloud, rbacPolicies, id)
    ctx.log.info(ids.length === 0 ? `No RBAC policy has ${said}` : `Deleted RBAC policy ${ids.join()}`)
  },
})

/** A network that others still use cannot be shared less: where asked to, its DHCP and its free ports go first. */
export const unlinkTargetObject = operation({
  async run(ctx, inputs) {
    const from = new Reader(inputs)
    const network = from.text('resource_network_id')
    if (network === undefined) return
    const { cloud } = await sceneOf(ctx)
    if (from.boolean('disable_dhcp') === true) {
      for await (const subnet of listThings(cloud, subnets, { network_id: network })) {
        if (subnet['network_id'] !== network || subnet['enable_dhcp'] !== true) continue
        await changeThing(cloud, subnets, { id: idOf(subnets, subnet), change: { enable_dhcp: false } })
      }
    }
    if (from.boolean('clean_ports') !== true) return
    const free: Thing[] = []
    for await (const port of listThings(cloud, ports, { network_id: network })) {
      if (port['network_id'] === network && isFree(port)) free.push(port)
    }
    for (const port of free) await deleteThing(cloud, ports, idOf(ports, port)).catch(unlessTheirs)
    ctx.log.info(`Deleted ${free.length} ports of network ${network} that nobody used`)
  },
})

// What a server or a router holds is somebody's.
function isFree(port: JsonObject): boolean {
  return port['device_owner'] === 'network:dhcp' || (port['device_id'] === '' && port['device_owner'] === '')
}

function unlessTheirs(thrown: unknown): void {
  if (thrown instanceof Fault && thrown.code === 'openstack.denied') return
  throw thrown
}
