// The host of a terminal: one that has several addresses is reached by the first that answers.
import { asFault } from '../../kernel/fault.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { OperationContext } from '../contract/context.ts'
import { hostOf } from '../ssh/host/host-of.ts'
import type { HostSettings } from '../ssh/host/settings.ts'
import { withHost } from '../ssh/host/shared-connections.ts'

/** @throws Fault `ssh.bad_property`, and what the last address had to say */
export async function reachedHost(ctx: OperationContext, auth: JsonObject): Promise<HostSettings> {
  const [first, ...others] = Array.isArray(auth['ip']) ? (auth['ip'] as readonly Json[]) : [auth['ip']]
  let settings = await hostOf(ctx, hostFromAuth(auth, first))
  for (const next of others) {
    const reason = await whyNot(ctx, settings)
    if (reason === undefined) return settings
    ctx.log.warning(`${reason}; the next address is tried`)
    settings = await hostOf(ctx, hostFromAuth(auth, next))
  }
  return settings
}

/** The connection is kept for whoever works there next. */
async function whyNot(ctx: OperationContext, settings: HostSettings): Promise<string | undefined> {
  try {
    await withHost(settings, ctx, async () => {})
    return undefined
  } catch (thrown) {
    ctx.signal.throwIfAborted()
    const { code, message } = asFault(thrown)
    if (!code.startsWith('ssh.')) throw thrown
    return message
  }
}

/** Credentials as hosts of the ssh plugin have them. */
function hostFromAuth(auth: JsonObject, ip: Json | undefined): JsonObject {
  const { user, password, port, key_content: key } = auth
  const given: Record<string, Json | undefined> = { ip, user, password, port, key }
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, Json] => entry[1] !== undefined))
}
