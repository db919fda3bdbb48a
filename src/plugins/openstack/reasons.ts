// Why something went wrong, in the cloud's own words: it tells them elsewhere than where it tells that it went wrong.
import { Fault } from '../../kernel/fault.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { pathOf, type Cloud } from './client/cloud.ts'

interface ServerAction {
  readonly action: string
  readonly request_id: string
  readonly message: string | null
}

interface ActionEvent {
  readonly event: string
  readonly result: string | null
  readonly details?: string | null
}

/** Of a server in status ERROR: what it says itself, or else its log of actions. `server`: as it was read. */
export async function serverReason(
  cloud: Cloud,
  server: { readonly id: string; readonly fault?: { readonly message?: string } | null },
): Promise<string | undefined> {
  return server.fault?.message || (await actionReason(cloud, server.id))
}

/** Of the newest action of a server, when it failed: for what fails without a trace in the server's status, such as a snapshot. */
export async function actionReason(cloud: Cloud, serverId: string): Promise<string | undefined> {
  return bestEffort(async () => {
    const path = pathOf`/servers/${serverId}/os-instance-actions`
    const actions = await cloud.find<{ readonly instanceActions: readonly ServerAction[] }>({
      service: 'compute',
      path,
    })
    const newest = actions?.instanceActions[0]
    if (newest?.message?.toLowerCase() !== 'error') return undefined
    // From 2.51 on everybody may see what it consisted of, from 2.84 on also why a step failed.
    const microversion = await cloud.bestVersion('compute', '2.84')
    const whole = await cloud.find<{ readonly instanceAction: { readonly events?: readonly ActionEvent[] } }>({
      service: 'compute',
      path: path + pathOf`/${newest.request_id}`,
      microversion,
    })
    const failed = whole?.instanceAction.events?.find(({ result }) => result === 'Error')
    const step = failed === undefined ? '' : ` in ${failed.event}${failed.details ? `: ${failed.details}` : ''}`
    return `'${newest.action}' failed${step} (${newest.request_id})`
  })
}

/** Of a volume, a snapshot or a backup: the newest message that Cinder keeps for users. */
export async function volumeReason(cloud: Cloud, id: string): Promise<string | undefined> {
  return bestEffort(async () => {
    if (!(await cloud.supports('volume', '3.5'))) return undefined
    const { body } = await cloud.request<{ readonly messages: readonly JsonObject[] }>({
      service: 'volume',
      method: 'GET',
      path: '/messages',
      query: { resource_uuid: id, sort: 'created_at:desc' },
      microversion: '3.5',
    })
    const words = body.messages.find(({ resource_uuid }) => resource_uuid === id)?.['user_message']
    return typeof words === 'string' ? words : undefined
  })
}

// A reason is a kindness: that there is none must not hide what went wrong.
async function bestEffort(read: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await read()
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined
    throw thrown
  }
}
