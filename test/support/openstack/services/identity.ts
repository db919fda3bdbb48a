// Keystone: tokens by password, application credential, token and trust; application credentials and trusts themselves.
import { isJsonObject, type Json, type JsonObject } from '../../../../src/kernel/json.ts'
import { badRequest, noContent, notFound, ok, Refusal, type Answer } from '../http/answer.ts'
import { objects, param, part, textOr, texts, type Call } from '../http/call.ts'
import { roots } from '../http/front.ts'
import type { Routes } from '../http/routes.ts'
import type { State } from '../model/state.ts'
import { domain, type Identity, type Project, type Token, type Tokens, type Trust, type User } from '../model/tokens.ts'

export function identityRoutes(routes: Routes, state: State, cloud: { readonly region: string }): void {
  const { tokens } = state
  const answerWith = (call: Call, id: string, token: Token, status: number): Answer => ({
    status,
    body: { token: shownToken(call, token, cloud.region) },
    headers: { 'x-subject-token': id, vary: 'X-Auth-Token' },
  })
  routes.add(
    'identity',
    'POST /auth/tokens',
    (call) => {
      const { id, token } = tokens.issue(identityOf(tokens, part(call.body, 'auth')))
      return answerWith(call, id, token, 201)
    },
    { isOpen: true },
  )
  routes.add('identity', 'GET /auth/tokens', (call) => {
    const id = call.headers['x-subject-token'] ?? ''
    const token = tokens.find(id)
    if (!token) throw notFound('Could not find token.')
    return answerWith(call, id, token, 200)
  })
  routes.add('identity', 'DELETE /auth/tokens', (call) => {
    tokens.revoke(call.headers['x-subject-token'] ?? '')
    return noContent
  })
  credentialRoutes(routes, state)
  trustRoutes(routes, state)
}

function identityOf(tokens: Tokens, auth: JsonObject): Identity {
  const identity = part(auth, 'identity')
  const scope = isJsonObject(auth['scope'] ?? null) ? (auth['scope'] as JsonObject) : undefined
  const [method = ''] = texts(identity['methods'])
  switch (method) {
    case 'password': {
      const given = part(part(identity, 'password'), 'user')
      const user = findUser(tokens, given)
      if (!user || user.password !== given['password']) throw refused()
      return scoped(tokens, user, scope, method)
    }
    case 'token': {
      const token = tokens.find(textOr(part(identity, 'token')['id'], ''))
      if (!token) throw refused()
      return scope ? scoped(tokens, token.user, scope, method) : { ...token, method }
    }
    case 'application_credential': {
      const given = part(identity, 'application_credential')
      const found = [...tokens.applicationCredentials.values()].find((one) =>
        given['id'] === undefined
          ? one.name === given['name'] && one.user === findUser(tokens, part(given, 'user'))
          : one.id === given['id'],
      )
      if (!found || found.secret !== given['secret']) throw refused()
      // Keystone refuses a scope beside them: they have their own.
      if (scope) throw new Refusal(401, 'Application credentials cannot request a scope.')
      return { user: found.user, project: found.project, method, isAdmin: found.user.isAdmin }
    }
    default:
      throw badRequest('Expecting to find methods in identity.')
  }
}

function scoped(tokens: Tokens, user: User, scope: JsonObject | undefined, method: string): Identity {
  if (scope === undefined) return { user, project: null, method, isAdmin: user.isAdmin }
  if (isJsonObject(scope['OS-TRUST:trust'] ?? null)) {
    const trust = tokens.trusts.get(textOr(part(scope, 'OS-TRUST:trust')['id'], ''))
    if (trust?.trustee !== user) throw new Refusal(403, 'You are not authorized to perform the requested action.')
    return { user: trust.trustor, project: trust.project, method, isAdmin: trust.trustor.isAdmin }
  }
  const project = findProject(tokens, part(scope, 'project'))
  if (!project) throw refused()
  return { user, project, method, isAdmin: user.isAdmin }
}

function refused(): Refusal {
  return new Refusal(401, 'The request you have made requires authentication.')
}

function findUser(tokens: Tokens, given: JsonObject): User | undefined {
  return tokens.users.find(({ id, name }) =>
    given['id'] === undefined ? name === given['name'] && isInDomain(given) : id === given['id'],
  )
}

function findProject(tokens: Tokens, given: JsonObject): Project | undefined {
  return tokens.projects.find(({ id, name }) =>
    given['id'] === undefined ? name === given['name'] && isInDomain(given) : id === given['id'],
  )
}

/** A name means nothing without one. */
function isInDomain({ domain: given }: JsonObject): boolean {
  if (!isJsonObject(given ?? null)) throw badRequest('Expecting to find domain in user or project.')
  const { id, name } = given as JsonObject
  return id === undefined ? name === domain.name : id === domain.id
}

function shownToken({ origin }: Call, token: Token, region: string): Json {
  const { user, project, method } = token
  const endpoint = (type: string, name: string, url: string) => ({
    type,
    name,
    id: `service-${type}`,
    endpoints: ['public', 'internal', 'admin'].map((kind) => ({
      interface: kind,
      region,
      region_id: region,
      url,
      id: `endpoint-${type}-${kind}`,
    })),
  })
  const scope = project && {
    project: { ...project, domain },
    is_domain: false,
    catalog: [
      endpoint('identity', 'keystone', `${origin}/identity`),
      endpoint('compute', 'nova', `${origin}${roots.compute}`),
      endpoint('volumev3', 'cinderv3', `${origin}${roots.volume}/${project.id}`),
      endpoint('image', 'glance', `${origin}/image`),
      endpoint('network', 'neutron', `${origin}/network`),
      endpoint('dns', 'designate', `${origin}/dns`),
      endpoint('sharev2', 'manilav2', `${origin}${roots.share}`),
    ],
  }
  return {
    methods: [method],
    user: { id: user.id, name: user.name, domain, password_expires_at: null },
    audit_ids: ['audit'],
    issued_at: new Date(token.issued).toISOString(),
    expires_at: new Date(token.expires).toISOString(),
    roles: [{ id: 'role-member', name: 'member' }, ...(token.isAdmin ? [{ id: 'role-admin', name: 'admin' }] : [])],
    ...scope,
  }
}

function credentialRoutes(routes: Routes, state: State): void {
  const { applicationCredentials } = state.tokens
  const show = ({ id, name, project }: { readonly id: string; readonly name: string; readonly project: Project }) => ({
    id,
    name,
    project_id: project.id,
    unrestricted: false,
    roles: [{ id: 'role-member', name: 'member' }],
  })
  routes.add('identity', 'POST /users/:user/application_credentials', (call) => {
    const given = part(call.body, 'application_credential')
    const { user, project } = call.who
    if (!project) throw badRequest('An application credential needs a project.')
    const made = {
      id: state.id().replaceAll('-', ''),
      name: textOr(given['name'], ''),
      secret: textOr(given['secret'], `secret-${state.id()}`),
      user,
      project,
    }
    applicationCredentials.set(made.id, made)
    return { status: 201, body: { application_credential: { ...show(made), secret: made.secret } } }
  })
  routes.add('identity', 'GET /users/:user/application_credentials', () =>
    ok({ application_credentials: [...applicationCredentials.values()].map(show) }),
  )
  routes.add('identity', 'DELETE /users/:user/application_credentials/:id', (call) => {
    if (!applicationCredentials.delete(param(call, 'id'))) throw notFound('Could not find application credential.')
    return noContent
  })
}

function trustRoutes(routes: Routes, state: State): void {
  const { trusts, users, projects } = state.tokens
  routes.add('identity', 'POST /OS-TRUST/trusts', (call) => {
    const given = part(call.body, 'trust')
    const trustee = users.find(({ id }) => id === given['trustee_user_id'])
    const project = projects.find(({ id }) => id === given['project_id'])
    if (!trustee || !project) throw notFound('Could not find user or project.')
    if (objects(given['roles']).length === 0) throw badRequest('At least one role should be specified')
    const made = {
      id: state.id().replaceAll('-', ''),
      trustor: call.who.user,
      trustee,
      project,
      expires: typeof given['expires_at'] === 'string' ? given['expires_at'] : null,
      roles: objects(given['roles']),
    }
    trusts.set(made.id, made)
    return { status: 201, body: { trust: shownTrust(made) } }
  })
  routes.add('identity', 'GET /OS-TRUST/trusts', () =>
    ok({
      // As in Keystone, a list leaves out the roles.
      trusts: [...trusts.values()].map((trust) => {
        const { roles: _roles, ...shown } = shownTrust(trust)
        return shown
      }),
      links: { next: null },
    }),
  )
  routes.add('identity', 'GET /OS-TRUST/trusts/:id', (call) => {
    const found = trusts.get(param(call, 'id'))
    if (!found) throw notFound('Could not find trust.')
    return ok({ trust: shownTrust(found) })
  })
  routes.add('identity', 'DELETE /OS-TRUST/trusts/:id', (call) => {
    if (!trusts.delete(param(call, 'id'))) throw notFound('Could not find trust.')
    return noContent
  })
}

function shownTrust({ id, trustor, trustee, project, expires, roles }: Trust) {
  return {
    id,
    trustor_user_id: trustor.id,
    trustee_user_id: trustee.id,
    project_id: project.id,
    impersonation: true,
    expires_at: expires,
    roles,
  }
}
