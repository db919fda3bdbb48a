// Trusts of Keystone: what a user may do, lent to another one for as long as a schedule runs, so that no password is kept.
import type { Instant } from '../../../kernel/duration.ts'
import { pathOf, type Cloud } from './cloud.ts'

export interface TrustRequest {
  /** Who signs in later: with a password of their own, and `trust_id` in `client_config`. */
  readonly trusteeId: string
  /** Names of roles; a trust without any can do nothing. */
  readonly roles: readonly string[]
  /** Default: until it is deleted. */
  readonly endsAt?: Instant | undefined
}

interface TrustView {
  readonly id: string
  readonly trustee_user_id: string
  readonly trustor_user_id: string
  readonly project_id: string | null
  readonly expires_at: string | null
  readonly roles?: readonly { readonly name: string }[]
}

/**
 * One that says the same is taken as it is: trusts bear no mark, and two of them are one too many.
 *
 * @throws Fault `openstack.*`
 */
export async function createTrust(cloud: Cloud, request: TrustRequest): Promise<string> {
  const known = await sameTrust(cloud, request)
  if (known !== undefined) return known
  const { body } = await cloud.request<{ readonly trust: TrustView }>({
    service: 'identity',
    method: 'POST',
    path: '/OS-TRUST/trusts',
    body: {
      trust: {
        trustor_user_id: cloud.userId,
        trustee_user_id: request.trusteeId,
        project_id: cloud.projectId,
        impersonation: true,
        expires_at: endOf(request),
        roles: request.roles.map((name) => ({ name })),
      },
    },
  })
  return body.trust.id
}

/** One that is gone is as good. @throws Fault `openstack.*` */
export async function deleteTrust(cloud: Cloud, id: string): Promise<void> {
  const path = pathOf`/OS-TRUST/trusts/${id}`
  try {
    await cloud.request({ service: 'identity', method: 'DELETE', path })
  } catch (thrown) {
    if ((await cloud.find({ service: 'identity', path })) !== undefined) throw thrown
  }
}

async function sameTrust(cloud: Cloud, request: TrustRequest): Promise<string | undefined> {
  const query = { trustor_user_id: cloud.userId, trustee_user_id: request.trusteeId }
  for await (const { id } of cloud.pages<TrustView>(
    { service: 'identity', path: '/OS-TRUST/trusts', query },
    'trusts',
  )) {
    // The list leaves out the roles.
    const whole = await cloud.find<{ readonly trust: TrustView }>({
      service: 'identity',
      path: pathOf`/OS-TRUST/trusts/${id}`,
    })
    if (whole && isSame(whole.trust, cloud, request)) return id
  }
  return undefined
}

function isSame(trust: TrustView, cloud: Cloud, request: TrustRequest): boolean {
  const roles = (names: readonly string[]): string => [...new Set(names)].toSorted().join('\n')
  return (
    trust.trustee_user_id === request.trusteeId &&
    trust.project_id === cloud.projectId &&
    instantOf(trust.expires_at) === instantOf(endOf(request)) &&
    roles((trust.roles ?? []).map(({ name }) => name)) === roles(request.roles)
  )
}

function endOf({ endsAt }: TrustRequest): string | null {
  if (endsAt === undefined) return null
  return new Date(endsAt).toISOString()
}

function instantOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}
