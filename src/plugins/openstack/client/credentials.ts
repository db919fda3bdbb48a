// As whom one comes to a cloud, and for which project: read out of `client_config`.
import { Secret } from '../../../kernel/secret.ts'
import { badProperty } from '../errors.ts'
import type { Reader } from '../reader.ts'
import type { Credentials, Domain, Named, Scope } from './identity.ts'

/**
 * `isVersioned`: the address names version 3, which asks for domains.
 *
 * @throws Fault `openstack.bad_property`
 */
export function identityOf(
  read: Reader,
  isVersioned: boolean,
): { readonly credentials: Credentials; readonly scope: Scope } {
  const domains = domainsOf(read, isVersioned)
  return { credentials: credentialsOf(read, domains), scope: scopeOf(read, domains) }
}

interface Domains {
  user(): Domain
  project(): Domain
}

// An address without a version leaves it to us: there, everybody is in the default domain unless something else is said.
function domainsOf(read: Reader, isVersioned: boolean): Domains {
  const domainOf = (whose: 'user' | 'project') => (): Domain => {
    const id = read.text(`${whose}_domain_id`)
    const name = read.text(`${whose}_domain_name`)
    const other = read.text('default_domain') ?? read.text('default_domain_id')
    if (id !== undefined) return { id }
    if (name !== undefined) return { name }
    if (other !== undefined) return { id: other }
    if (!isVersioned) return { id: 'default' }
    throw badProperty(
      'client_config',
      `an auth_url of version 3 needs ${whose}_domain_id or ${whose}_domain_name, such as Default`,
    )
  }
  return { user: domainOf('user'), project: domainOf('project') }
}

function credentialsOf(read: Reader, domains: Domains): Credentials {
  const type = read.text('auth_type') ?? ''
  const appId = read.text('application_credential_id')
  const appName = read.text('application_credential_name')
  if (appId !== undefined || appName !== undefined || type.includes('applicationcredential')) {
    const secret = secretOf(read, 'application_credential_secret')
    if (appId !== undefined) return { kind: 'application_credential', id: appId, secret }
    const name = read.required('application_credential_name', (key) => read.text(key))
    return { kind: 'application_credential', name, user: userOf(read, domains), secret }
  }
  if (type.includes('token') || (!read.has('password') && read.has('token'))) {
    return { kind: 'token', token: secretOf(read, 'token') }
  }
  if (type !== '' && !/^(v3)?password$/.test(type)) {
    throw read.bad('auth_type', 'expected password, v3applicationcredential or token')
  }
  return { kind: 'password', user: userOf(read, domains), password: secretOf(read, 'password') }
}

function userOf(read: Reader, domains: Domains): Named {
  const id = read.text('user_id')
  if (id !== undefined) return { id }
  const name = read.required('username', (key) => read.text(key))
  return { name, domain: domains.user() }
}

function scopeOf(read: Reader, domains: Domains): Scope {
  const isApplication = read.has('application_credential_id') || read.has('application_credential_name')
  if (isApplication) return undefined
  const trustId = read.text('trust_id')
  if (trustId !== undefined) return { trustId }
  const id = read.text('project_id') ?? read.text('tenant_id')
  if (id !== undefined) return { project: { id } }
  const name = read.text('project_name') ?? read.text('tenant_name')
  if (name !== undefined) return { project: { name, domain: domains.project() } }
  // A token that is given may be for a project already.
  if (!read.has('password') && read.has('token')) return undefined
  throw read.bad('project_name', 'it is missing')
}

function secretOf(read: Reader, name: string): Secret {
  const value = read.value(name)
  if (typeof value === 'number') return new Secret(String(value))
  if (typeof value !== 'string') throw read.bad(name, value === undefined ? 'it is missing' : 'expected a text')
  return new Secret(value)
}
