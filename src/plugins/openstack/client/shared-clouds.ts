// The clouds of this process: everybody who works with one takes it from here, and shares its connections and its token.
import type { OperationContext } from '../../contract/context.ts'
import type { OpenstackSettings } from '../settings.ts'
import type { Cloud } from './cloud.ts'
import { fault } from '../../../kernel/fault.ts'

/** What a cloud needs of who works with it. Without `blueprintFile` a relative path is one of this process. */
export type CloudUser = Pick<OperationContext, 'world' | 'signal' | 'log'> &
  Partial<Pick<OperationContext, 'blueprintFile'>>

/**
 * Signs in when nobody has yet.
 *
 * @throws Fault `openstack.*`
 */
export async function cloudOf(user: CloudUser, settings: Pick<OpenstackSettings, 'clientConfig'>): Promise<Cloud> {
  void user
  void settings
  throw fault('openstack.bad_property', { details: { property: 'client_config', reason: 'not yet' } })
}

/** Ends all connections; who asks afterwards gets new ones. */
export async function closeSharedClouds(): Promise<void> {}
