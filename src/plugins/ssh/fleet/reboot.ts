// ssh.fleet_reboot: boots a host anew, once, and waits until it is back under another boot id.
import type { Static } from 'typebox'
import { Type } from '../../../kernel/schema.ts'
import { parseDuration, seconds, type Duration } from '../../../kernel/duration.ts'
import { asFault, fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { nameOf } from '../client/errors.ts'
import { hostOf } from '../host/host-of.ts'
import type { HostSettings } from '../host/settings.ts'
import { withHost } from '../host/shared-connections.ts'

const Text = Type.String()
const Inputs = Type.Object({
  command: Type.Optional(Text),
  timeout: Type.Optional(Type.Union([Type.Number({ exclusiveMinimum: 0 }), Text, Type.Null()])),
  sudo: Type.Optional(Type.Union([Type.Boolean(), Text, Type.Null()])),
})

const bootId = '/proc/sys/kernel/random/boot_id'
const usualCommand = 'systemctl reboot || reboot || shutdown -r now'
const usualTimeout: Duration = seconds(600)
const lookEvery: Duration = seconds(2)
/** How long one look may take: a host that goes down often swallows what it is asked. */
const lookPatience: Duration = seconds(8)

// The host itself makes sure that the boot is still the one that is to end. The command waits a little, so that we hear
// of it before the connection goes.
const bootScript = `
unset FERMATA_RUN
[ "$(cat ${bootId})" = "$1" ] || exit 0
setsid sh -c 'sleep 0.5 2>/dev/null || sleep 1; eval "$1"' fermata-reboot "$2" </dev/null >/dev/null 2>&1 &
`

export const fleetRebootOperation = operation({
  inputs: Inputs,
  async run(ctx, inputs): Promise<Json> {
    const { sudo } = inputs
    const settings = await hostOf(ctx, sudo === undefined || sudo === null ? {} : { sudo })
    const before = await bootToEnd(ctx, settings)
    await askForBoot(ctx, settings, before, inputs.command || usualCommand)
    return { boot_id: await waitForBoot(ctx, settings, before, inputs) }
  },
})

/** The boot that is to end. It is durable before it is ended, so that nobody ends the next one, too. */
async function bootToEnd(ctx: OperationContext, settings: HostSettings): Promise<string> {
  const { runtimeProperties } = ctx.instance
  const known = runtimeProperties['fleet_reboot']
  if (isJsonObject(known) && known['key'] === ctx.operation.key && ctx.operation.attempt > 1)
    return String(known['boot_id'])
  const id = await readBootId(ctx, settings)
  runtimeProperties['fleet_reboot'] = { key: ctx.operation.key, boot_id: id }
  await ctx.save()
  return id
}

async function readBootId(ctx: OperationContext, settings: HostSettings): Promise<string> {
  return withHost(settings, ctx, async (connection) => {
    const { code, stdout } = await connection.exec(['cat', bootId], { signal: ctx.signal, timeout: lookPatience })
    const id = stdout.toString('utf8').trim()
    if (code === 0 && id !== '') return id
    throw fault('operation.failed', { details: { message: `${nameOf(settings.target)} does not tell its boot id` } })
  })
}

async function askForBoot(
  ctx: OperationContext,
  settings: HostSettings,
  before: string,
  command: string,
): Promise<void> {
  const { sudo } = settings
  try {
    await withHost(settings, ctx, (connection) =>
      connection.exec(['sh', '-c', bootScript, 'fermata', before, command], {
        signal: ctx.signal,
        timeout: lookPatience,
        ...(sudo ? { sudo } : {}),
      }),
    )
  } catch (thrown) {
    const problem = asFault(thrown)
    // It may be on its way down already; whether it comes back decides.
    if (ctx.signal.aborted || (problem.effect === 'none' && ctx.operation.attempt === 1)) throw problem
  }
}

async function waitForBoot(
  ctx: OperationContext,
  settings: HostSettings,
  before: string,
  { timeout }: Static<typeof Inputs>,
): Promise<string> {
  const { clock } = ctx.world
  const limit = timeout === undefined || timeout === null || timeout === '' ? usualTimeout : parseDuration(timeout)
  const end = clock.monotonic() + limit
  for (;;) {
    const id = await readBootId(ctx, settings).catch((thrown: unknown) => {
      if (ctx.signal.aborted) throw thrown
      return undefined
    })
    if (id !== undefined && id !== before) return id
    if (clock.monotonic() > end) {
      const host = nameOf(settings.target)
      throw fault('ssh.not_back', {
        details: {
          host,
          limit: `${limit / 1000} s`,
          state: id === undefined ? 'does not answer' : 'was not booted anew',
        },
        effect: 'unknown',
      })
    }
    await clock.sleep(lookEvery, ctx.signal)
  }
}
