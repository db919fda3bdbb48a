// What a cloud has before anybody uses it: users, a project, flavors, types of volumes, the network outside.
import type { State } from './state.ts'

export function furnish(state: State, isAdmin: boolean): void {
  const hex = () => state.id().replaceAll('-', '')
  state.tokens.projects.push({ id: hex(), name: 'demo' })
  state.tokens.users.push({ id: hex(), name: 'ada', password: 'planted-password-of-ada', isAdmin })
  state.tokens.users.push({
    id: hex(),
    name: 'scheduler',
    password: 'planted-password-of-the-scheduler',
    isAdmin: false,
  })
  const flavor = (id: string, ram: number) => ({
    id,
    name: `m1.${id}`,
    ram,
    vcpus: 1,
    disk: 1,
    swap: '',
    'OS-FLV-EXT-DATA:ephemeral': 0,
    'os-flavor-access:is_public': true,
    extra_specs: {},
  })
  for (const one of [flavor('small', 512), flavor('large', 4096)]) state.things('flavors').set(one.id, one)
  const type = { id: state.id(), name: '__DEFAULT__', is_public: true, extra_specs: {} }
  state.things('volume_types').set(type.id, type)
  const groupType = {
    id: state.id(),
    name: 'consistent',
    is_public: true,
    group_specs: { consistent_group_snapshot_enabled: '<is> True' },
  }
  state.things('group_types').set(groupType.id, groupType)
  const projectId = state.tokens.projects[0]?.id ?? ''
  const thing = (collection: string, name: string, more: Record<string, string | boolean>) => {
    const id = state.id()
    state
      .things(collection)
      .set(id, { id, name, project_id: projectId, tenant_id: projectId, status: 'ACTIVE', tags: [], ...more })
    return id
  }
  thing('networks', 'public', { 'router:external': true, shared: false, admin_state_up: true })
  thing('security_groups', 'default', { description: 'Default security group' })
}
