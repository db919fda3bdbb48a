// A machine of the lab that a blueprint names, the secrets that it takes, and a workflow over it that must end well.
import { expect } from 'chai'
import type { JsonObject } from '../../../src/kernel/json.ts'
import type { TestFermata } from '../../../src/testing/index.ts'
import { guestUsers } from './guest-on-lab.ts'
import { connectionConfig, password } from './lab.ts'

export const secrets = { vcenter_password: password } as const
/** With that of its guest. */
export const guestSecrets: Readonly<Record<string, string>> = {
  ...secrets,
  guest_password: guestUsers.root.password,
}

export interface MachineOptions {
  readonly type?: string
  /** Its guest lets us in. */
  readonly hasGuest?: boolean
}

export function machineBlueprint(name: string, options: MachineOptions = {}): string {
  const { type = 'cloudify.nodes.vsphere.Server', hasGuest = false } = options
  const guest_credentials = { username: guestUsers.root.username, password: { get_secret: 'guest_password' } }
  const properties = {
    use_external_resource: true,
    server: { name },
    ...(hasGuest ? { guest_credentials } : {}),
    connection_config: { ...connectionConfig, password: { get_secret: 'vcenter_password' } },
  }
  return `tosca_definitions_version: cloudify_dsl_1_3
imports:
  - cloudify/types/types.yaml
  - plugin:cloudify-vsphere-plugin
  - plugin:cloudify-utilities-plugin
node_templates:
  web:
    type: ${type}
    properties: ${JSON.stringify(properties)}
`
}

export async function runWell(test: TestFermata, workflow: string, parameters: JsonObject = {}): Promise<void> {
  const done = await test.run(workflow, parameters)
  expect(done.status, JSON.stringify(done.error)).to.equal('terminated')
}
