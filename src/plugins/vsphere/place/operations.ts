// What machines lie in and on: datacenters, datastores, clusters, hosts, folders, resource pools, networks. They are found by
// their names and put on record; making them is a vCenter administrator's work.
import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation, type AnyInputs, type RunOperation } from '../../contract/operation.ts'
import { badProperty } from '../errors.ts'
import { objectNamed, vcenterOfNode } from '../machine/machine-of.ts'
import { Reader } from '../reader.ts'
import type { VsphereSettings } from '../settings.ts'

interface Kind {
  /** For people. */
  readonly kind: string
  /** Of the vCenter. */
  readonly type: string
  /** Runtime property that the original kept its id under. */
  readonly idProperty: string
  /** The property that holds what it is to be like; absent: the node's own. */
  readonly mapping?: string
}

const kinds = {
  'cloudify_vsphere.datacenter': { kind: 'datacenter', type: 'Datacenter', idProperty: 'vsphere_datacenter_id' },
  'cloudify_vsphere.datastore': { kind: 'datastore', type: 'Datastore', idProperty: 'vsphere_datastore_id' },
  'cloudify_vsphere.cluster': { kind: 'cluster', type: 'ClusterComputeResource', idProperty: 'vsphere_cluster_id' },
  'cloudify_vsphere.vm_folder': { kind: 'folder', type: 'Folder', idProperty: 'vsphere_folder_id' },
  'cloudify_vsphere.hypervisor_host': {
    kind: 'host',
    type: 'HostSystem',
    idProperty: 'vsphere_hypervisor_host_id',
  },
  'cloudify_vsphere.resource_pool': {
    kind: 'resource pool',
    type: 'ResourcePool',
    idProperty: 'vsphere_resource_pool_id',
  },
  'vsphere_network_plugin.network': { kind: 'network', type: 'Network', idProperty: 'network_id', mapping: 'network' },
} as const satisfies Readonly<Record<string, Kind>>

const findOf = (kind: Kind): RunOperation =>
  operation({
    async check(ctx, inputs) {
      const { settings } = await vcenterOfNode(ctx, inputs)
      wantedName(kind, settings)
    },
    async run(ctx, inputs) {
      const { vcenter, settings } = await vcenterOfNode(ctx, inputs)
      const name = wantedName(kind, settings)
      const { id } = await objectNamed(vcenter, { ...kind, name })
      Object.assign(ctx.instance.runtimeProperties, { [kind.idProperty]: id, name, use_external_resource: true })
      ctx.log.info(`Uses the ${kind.kind} ${name} (${id})`)
    },
  })

const forgetOf = ({ idProperty }: Kind): RunOperation =>
  operation({
    async run(ctx: OperationContext, _inputs: AnyInputs) {
      for (const name of [idProperty, 'name', 'use_external_resource']) delete ctx.instance.runtimeProperties[name]
    },
  })

function wantedName({ kind, mapping }: Kind, { options, isExternal }: VsphereSettings): string {
  if (!isExternal) throw badProperty('use_external_resource', `a ${kind} is only looked up; say true`)
  const read = mapping === undefined ? options : new Reader(valuesOf(options, mapping), mapping)
  return read.required('name', read.text)
}

function valuesOf(options: Reader, mapping: string): JsonObject {
  const values = options.value(mapping)
  return isJsonObject(values) ? values : {}
}

export const placeOperations: Readonly<Record<string, RunOperation>> = Object.fromEntries(
  Object.entries(kinds).flatMap(([name, kind]) => [
    [`${name}.create`, findOf(kind)],
    [`${name}.delete`, forgetOf(kind)],
  ]),
)
