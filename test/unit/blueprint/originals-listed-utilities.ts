// What cloudify-utilities-plugin defines, in short: written from what is known of it, not from the file under test.
import type { JsonObject } from '../../../src/kernel/json.ts'
import { createDelete, root, type, type ListedPlugin } from './originals-listed.ts'

const everyStep = ['lifecycle create configure start stop delete']
const rest: JsonObject = {
  hosts: [],
  host: [],
  port: -1,
  ssl: false,
  verify: true,
  cert: null,
  timeout: null,
  proxies: {},
  params: {},
}

export const utilities: ListedPlugin = {
  package: 'cloudify-utilities-plugin',
  plugins: [
    'cfy_util',
    'cloudinit',
    'configuration',
    'keys',
    'terminal',
    'cfy_files',
    'cfy_ftp',
    'rest',
    'secrets',
  ].concat('resources'),
  types: [
    type(
      'cloudify.terminal.raw',
      root,
      {
        terminal_auth: {
          user: '',
          password: '',
          ip: '',
          key_content: '',
          port: 22,
          store_logs: false,
          promt_check: [],
          warnings: [],
          errors: [],
          criticals: [],
          exit_command: 'exit',
          smart_device: false,
        },
      },
      everyStep,
    ),
    type(
      'cloudify.nodes.CloudInit.CloudConfig',
      root,
      {
        header: '#cloud-config',
        encode_base64: false,
        resource_config: {},
      },
      everyStep,
    ),
    type('configuration_loader', 'cloudify.nodes.ApplicationServer', { parameters_json: '' }, ['lifecycle configure']),
    type(
      'cloudify.keys.nodes.RSAKey',
      root,
      {
        use_secret_store: true,
        use_secrets_if_exist: false,
        resource_config: { public_key_path: '~/.ssh/id_rsa.pub', algorithm: 'RSA', bits: 2048 },
      },
      createDelete,
      { key_name: 'k', resource_config: { key_name: 'k', comment: 'c', openssh_format: true } },
    ),
    type('cloudify.nodes.DeploymentProxy', root, { client: {}, plugins: [], secrets: {} }, everyStep, {
      resource_config: {
        blueprint: { id: 'b', external_resource: true },
        deployment: { id: 'd', inputs: {}, outputs: { a: 'b' } },
        executions_start_args: {},
      },
    }),
    type('cloudify.nodes.NodeInstanceProxy', 'cloudify.nodes.DeploymentProxy', {}, everyStep, {
      resource_config: { node_instance: { node: { id: 'n' }, id: 'n_1' } },
    }),
    type('cloudify.nodes.File', root, {}, createDelete, {
      resource_config: { resource_path: 'a', file_path: '/a', owner: 'a:a', mode: 644, use_sudo: true },
    }),
    type('cloudify.nodes.ftp', root, { raw_files: {}, files: {} }, createDelete, { resource_config: { tls: true } }),
    type('cloudify.rest.Requests', root, rest, everyStep),
    type('cloudify.rest.BunchRequests', root, rest, everyStep),
    type('cloudify.nodes.secrets.Writer', root, { entries: {}, do_not_delete: false }, [
      ...createDelete,
      'operations update',
    ]),
    type('cloudify.nodes.secrets.Reader', root, { keys: [] }, ['lifecycle create', 'operations update']),
    type('cloudify.nodes.resources.List', root, { resource_config: [] }, [
      ...createDelete,
      'operations reserve return',
    ]),
    type('cloudify.nodes.resources.ListItem', root, {}, createDelete),
  ],
  relationships: {
    load_from_config: 'depends_on',
    'cloudify.relationships.resources.reserve_list_item': 'connected_to',
  },
  mappings: { 'cloudify.terminal.raw lifecycle.create': 'cloudify_terminal.tasks.run' },
}
