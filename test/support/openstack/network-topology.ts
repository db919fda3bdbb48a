// A blueprint of networks and all that hangs on them, and the lists in which a cloud shows those.

const access = '{get_input: access}'
const three = 'cloudify.nodes.openstack'
const relation = 'cloudify.relationships.openstack'

export const networkTopology = `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-openstack-plugin]
inputs: {access: {}}
node_templates:
  net: {type: ${three}.Network, properties: {client_config: ${access}, resource_config: {name: shop, kwargs: {mtu: 1400}}}}
  subnet:
    type: ${three}.Subnet
    properties: {client_config: ${access}, resource_config: {cidr: 10.5.0.0/24, ip_version: "4"}}
    relationships:
      - {type: cloudify.relationships.contained_in, target: net}
      - {type: ${relation}.subnet_connected_to_router, target: router}
  router:
    type: ${three}.Router
    properties: {client_config: ${access}, external_network: public}
    interfaces:
      cloudify.interfaces.lifecycle:
        start:
          implementation: openstack.openstack_plugin.resources.network.router.start
          inputs: {routes: [{destination: 192.0.2.0/24, nexthop: 10.5.0.99}]}
  rules:
    type: ${three}.SecurityGroup
    properties:
      client_config: ${access}
      resource_config: {name: shop, description: who may come in}
      disable_default_egress_rules: true
      security_group_rules:
        - {protocol: tcp, port: 22}
        - {direction: egress, protocol: udp, port_range_min: 53, port_range_max: 53}
  rule:
    type: ${three}.SecurityGroupRule
    properties: {client_config: ${access}, resource_config: {protocol: icmp}}
    relationships: [{type: cloudify.relationships.contained_in, target: rules}]
  port:
    type: ${three}.Port
    properties: {client_config: ${access}, fixed_ip: 10.5.0.7}
    relationships:
      - {type: ${relation}.port_connected_to_subnet, target: subnet}
      - {type: ${relation}.port_connected_to_security_group, target: rules}
      - {type: ${relation}.port_connected_to_floating_ip, target: address}
  address:
    type: ${three}.FloatingIP
    properties: {client_config: ${access}, resource_config: {floating_network_name: public}}
  policy:
    type: ${three}.RBACPolicy
    properties: {client_config: ${access}, resource_config: {target_tenant: another}}
    relationships: [{type: ${relation}.rbac_policy_applied_to, target: net}]
`

export const networkCollections = [
  'networks',
  'subnets',
  'routers',
  'ports',
  'security_groups',
  'security_group_rules',
  'floatingips',
  'rbac_policies',
]
