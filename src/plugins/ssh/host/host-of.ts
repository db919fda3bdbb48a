// Which host an operation works on: the one its node runs on, or the node itself.
import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext, Subject } from '../../contract/context.ts'
import { readHostSettings, type HostSettings } from './settings.ts'

/** `given`: what the operation's own inputs say; they win. @throws Fault `ssh.bad_property` */
export async function hostOf(ctx: OperationContext, given: JsonObject = {}): Promise<HostSettings> {
  const own = await evaluated(ctx, ctx.node.properties)
  const host =
    ctx.host && ctx.host.instance.id !== ctx.instance.id ? await evaluated(ctx, ctx.host.node.properties) : {}
  const place = { blueprintFile: (path: string) => ctx.blueprintFile(path) }
  return readHostSettings({ ...described(host, ctx.host), ...described(own, ctx), ...withoutEmpty(given) }, place)
}

async function evaluated(ctx: OperationContext, properties: JsonObject): Promise<JsonObject> {
  const value = await ctx.evaluate(properties)
  return isJsonObject(value) ? value : {}
}

/** What is known of a running instance wins over what its node says; `agent_config` is how Cloudify spells credentials. */
function described(properties: JsonObject, subject: Subject | undefined): JsonObject {
  const agent = isJsonObject(properties['agent_config']) ? properties['agent_config'] : {}
  const { ip, public_ip_address: publicIp } = subject?.instance.runtimeProperties ?? {}
  const { user, key, password, port } = agent
  return {
    ...withoutEmpty({ user: user ?? null, key: key ?? null, password: password ?? null, port: port ?? null }),
    ...withoutEmpty(properties),
    ...withoutEmpty({ ip: ip ?? publicIp ?? null }),
  }
}

function withoutEmpty(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ''))
}
