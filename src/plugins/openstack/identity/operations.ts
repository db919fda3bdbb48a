// What users, groups, roles and projects can do, under the names that cloudify-openstack-plugin gave it.
import type { PluginOperation } from '../../contract/operation.ts'
import { resourceOperations } from '../resource/operations.ts'
import { groups, projects, roles, users } from './kinds.ts'
import { projectOperations } from './project.ts'

const identity = 'openstack_plugin.resources.identity'

export const identityOperations: Readonly<Record<string, PluginOperation>> = {
  ...resourceOperations(`${identity}.user`, users, { list: 'list_users' }),
  ...resourceOperations(`${identity}.group`, groups, { list: 'list_groups' }),
  ...resourceOperations(`${identity}.role`, roles, { list: 'list_roles' }),
  ...resourceOperations(`${identity}.project`, projects, { list: 'list_projects' }),
  ...projectOperations,
}
