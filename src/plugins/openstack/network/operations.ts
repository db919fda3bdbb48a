// What networks, subnets, ports, routers, addresses and security groups can do, under the names that
// cloudify-openstack-plugin gave it.
import { operation, type PluginOperation } from '../../contract/operation.ts'
import { Reader } from '../reader.ts'
import { sceneOf } from '../resource/create.ts'
import { idOf } from '../resource/kind.ts'
import { resourceOperations, type OwnWays } from '../resource/operations.ts'
import { isOurs, recordedId } from '../resource/record.ts'
import { floatingIps } from './floating-ips.ts'
import { updateFloatingIp } from './update-floating-ip.ts'
import { networks, subnets } from './networks.ts'
import { ports } from './ports.ts'
import { findAndDelete, rbacPolicies, unlinkTargetObject } from './rbac-policies.ts'
import { addInterface, removeInterface } from './router-interfaces.ts'
import { addRoutes, removeRoutes } from './router-routes.ts'
import { routers } from './routers.ts'
import { addRules, removeDefaultRules, securityGroupRules, securityGroups } from './security-groups.ts'
import {
  connectFloatingIp,
  connectSecurityGroup,
  disconnectFloatingIp,
  disconnectSecurityGroup,
} from './server-links.ts'
import { attachPort, attachToServer, detachPort } from './server-ports.ts'

const network = (name: string): string => `openstack_plugin.resources.network.${name}`
const server = 'openstack_plugin.resources.compute.server'

const groupWays: OwnWays = {
  list: 'list_security_groups',
  async afterCreate(scene, group) {
    const { ctx, settings } = scene
    if (!isOurs(ctx, settings)) return
    const id = idOf(securityGroups, group)
    if (settings.options.boolean('disable_default_egress_rules') === true) await removeDefaultRules(scene, id)
  },
}

/** Clouds have no network of Nova any more: its types get what took its place, their rules with the group. */
const novaGroupWays: OwnWays = {
  async afterCreate(scene, group) {
    if (!isOurs(scene.ctx, scene.settings)) return
    await addRules(scene, idOf(securityGroups, group), scene.settings.options.list('rules'))
  },
}

export const networkOperations: Readonly<Record<string, PluginOperation>> = {
  ...resourceOperations(network('network'), networks, { list: 'list_networks' }),
  ...resourceOperations(network('subnet'), subnets, { list: 'list_subnets' }),
  ...resourceOperations(network('port'), ports, { list: 'list_ports' }),
  [`${network('port')}.attach`]: attachPort,
  [`${network('port')}.attach_to_server`]: attachToServer,
  [`${network('port')}.detach`]: detachPort,
  [`${network('port')}.create_server_interface`]: attachPort,
  [`${network('port')}.delete_server_interface`]: detachPort,
  ...resourceOperations(network('router'), routers, { list: 'list_routers' }),
  [`${network('router')}.start`]: addRoutes,
  [`${network('router')}.stop`]: removeRoutes,
  [`${network('router')}.add_interface_to_router`]: addInterface,
  [`${network('router')}.remove_interface_from_router`]: removeInterface,
  ...resourceOperations(network('floating_ip'), floatingIps, { list: 'list_floating_ips' }),
  [`${network('floating_ip')}.update`]: updateFloatingIp,
  ...resourceOperations(network('security_group'), securityGroups, groupWays),
  [`${network('security_group')}.configure`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const rules = new Reader(inputs).list('security_group_rules')
      const id = recordedId(ctx)
      if (id !== undefined && isOurs(ctx, scene.settings)) await addRules(scene, id, rules)
    },
  }),
  ...resourceOperations(network('security_group_rule'), securityGroupRules, { list: 'list_security_group_rules' }),
  ...resourceOperations(network('rbac_policy'), rbacPolicies, { list: 'list_rbac_policies' }),
  [`${network('rbac_policy')}.find_and_delete`]: findAndDelete,
  [`${network('rbac_policy')}.unlink_target_object`]: unlinkTargetObject,
  ...resourceOperations('nova_plugin.floatingip', floatingIps),
  ...resourceOperations('nova_plugin.security_group', securityGroups, novaGroupWays),
  [`${server}.connect_floating_ip`]: connectFloatingIp,
  [`${server}.disconnect_floating_ip`]: disconnectFloatingIp,
  [`${server}.connect_security_group`]: connectSecurityGroup,
  [`${server}.disconnect_security_group`]: disconnectSecurityGroup,
}
