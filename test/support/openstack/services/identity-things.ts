// Keystone's users, groups, roles and projects, as things that are kept; an admin's calls.
import { forbidden, noContent, notFound } from '../http/answer.ts'
import { param, type Call } from '../http/call.ts'
import type { Routes } from '../http/routes.ts'
import type { State } from '../model/state.ts'
import { domain } from '../model/tokens.ts'
import { collectionRoutes } from './collections.ts'

export function identityThingRoutes(routes: Routes, state: State): void {
  for (const member of ['user', 'group', 'role', 'project']) {
    collectionRoutes(routes, state, {
      service: 'identity',
      collection: `${member}s`,
      member,
      change: 'PATCH',
      isUnique: true,
      check: ({ who }: Call) => {
        if (!who.isAdmin)
          throw forbidden(`You are not authorized to perform the requested action: identity:create_${member}.`)
      },
      added: () => ({ domain_id: domain.id, ...(member === 'user' || member === 'project' ? { enabled: true } : {}) }),
      // A password goes in and never comes out.
      show: ({ password: _password, ...shown }) => shown,
    })
  }
  // Kept as a thing of its own: `state.things('role_assignments')`.
  for (const kind of ['users', 'groups']) {
    routes.add('identity', `PUT /projects/:project/${kind}/:who/roles/:role`, (call) => {
      const [project, who, role] = [param(call, 'project'), param(call, 'who'), param(call, 'role')]
      if (!state.things('projects').has(project)) throw notFound(`Could not find project: ${project}.`)
      if (!state.things(kind).has(who)) throw notFound(`Could not find ${kind}: ${who}.`)
      if (!state.things('roles').has(role)) throw notFound(`Could not find role: ${role}.`)
      const id = `${project}/${who}/${role}`
      state.things('role_assignments').set(id, { id, project, who, role })
      return noContent
    })
  }
}
