// The deadman of nodes that are frozen over SSH: armed and acknowledged before the freeze, in the memory of the host itself.
import type { Duration, Instant } from '../../../kernel/duration.ts'
import { asFault, fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Deadman, DeadmanFinalize, DeadmanHandle, DeadmanProbe, DeadmanRequest } from '../../contract/deadman.ts'
import type { Connection, ExecResult } from '../client/connection.ts'
import { quoteWord } from '../client/quote.ts'
import { connectTo, withHost } from '../host/shared-connections.ts'
import type { HostSettings } from '../host/settings.ts'
import { unlessDown, whyDown } from './down.ts'
import { guestHandleFrom, instanceName, type GuestHandle } from './handle.ts'
import { freezeVariable } from './helper.ts'
import { armScript, disarmScript, extendScript, probeScript } from './scripts.ts'

/** What thaws a node, as a script for the host's shell. */
export interface Thaw {
  readonly settings: HostSettings
  readonly script: string
  readonly files?: Readonly<Record<string, Uint8Array>>
}

/** How one kind of freeze is undone on the host. */
export interface GuestFreeze {
  /** A text: why there can be none. */
  thawOf(ctx: OperationContext, finalize: DeadmanFinalize | undefined): Promise<Thaw | string>
  /** Where the deadman of an earlier process is looked for; by what `thawOf` goes by. */
  settingsOf(ctx: OperationContext, finalize: DeadmanFinalize | undefined): Promise<HostSettings>
}

interface Armed {
  readonly handle: GuestHandle
  readonly settings: HostSettings
  /** Kept until the end: a host that stands still may let nobody log in. */
  readonly connection: Connection
}

const armPatience: Duration = 20_000
const disarmPatience: Duration = 60_000

/** What this process has armed, by instance. */
const armedHere = new Map<string, Armed>()

export function guestDeadman(freeze: GuestFreeze): Deadman {
  return {
    kind: 'guest',
    probe: (ctx, finalize) => probe(freeze, ctx, finalize),
    arm: (ctx, request) => arm(freeze, ctx, request),
    extend: (ctx, handle, lease, finalize) => extend(freeze, ctx, { handle, lease, finalize }),
    disarm: (ctx, handle, finalize) => disarm(freeze, ctx, { handle, finalize }),
  }
}

/** The deadman that this process has armed for the instance, for the commands that freeze and thaw it. */
export function armedGuest(ctx: OperationContext): GuestHandle | undefined {
  return armedHere.get(instanceName(ctx))?.handle
}

/**
 * Runs what a user's fs_prepare or fs_finalize does on the host: marked, so that the deadman can end it, and a prepare
 * only while the deadman is on watch. Any other operation just runs. Undefined: the host is down and may be.
 */
export async function underGuest<Value>(
  ctx: OperationContext,
  settings: HostSettings,
  work: (env: Readonly<Record<string, string>>) => Promise<Value>,
): Promise<Value | undefined> {
  return unlessDown(ctx, settings, () => underArmed(ctx, work))
}

async function underArmed<Value>(
  ctx: OperationContext,
  work: (env: Readonly<Record<string, string>>) => Promise<Value>,
): Promise<Value> {
  const armed = armedHere.get(instanceName(ctx))
  if (!armed) return work({})
  const env = { [freezeVariable]: armed.handle.id }
  if (ctx.operation.name !== 'cloudify.interfaces.freeze.fs_prepare') return work(env)
  if (!(await isOnWatch(ctx, armed))) throw notArmed('no deadman watches the host')
  const value = await work(env)
  if (await isOnWatch(ctx, armed)) return value
  const reason = 'its deadman fired before it was prepared'
  throw fault('freeze.refused', { details: { reason }, effect: 'unknown' })
}

async function isOnWatch(ctx: OperationContext, { connection, settings, handle }: Armed): Promise<boolean> {
  const result = await runScript(ctx, connection, settings, `[ -e ${quoteWord(handle.folder)}/armed ]\n`)
  return result.code === 0
}

/** Runs a script of ours, or of the deadman, as whoever may freeze on the host. Nothing of it stands in a process list. */
export function runScript(
  ctx: Pick<OperationContext, 'signal'>,
  connection: Connection,
  { sudo }: HostSettings,
  script: string,
  options: { readonly timeout?: Duration; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ExecResult> {
  return connection.exec(['sh', '-s'], { signal: ctx.signal, stdin: script, ...(sudo ? { sudo } : {}), ...options })
}

async function probe(
  freeze: GuestFreeze,
  ctx: OperationContext,
  finalize: DeadmanFinalize | undefined,
): Promise<DeadmanProbe> {
  const thaw = await freeze.thawOf(ctx, finalize)
  if (typeof thaw === 'string') return { kind: 'none', longestHold: null, reason: thaw }
  const { settings } = thaw
  try {
    const result = await withHost(settings, ctx, (connection) =>
      runScript(ctx, connection, settings, probeScript, { timeout: armPatience }),
    )
    if (result.code === 0) return { kind: 'guest', longestHold: null, reason: null }
    return { kind: 'none', longestHold: null, reason: wordsOf(result) }
  } catch (thrown) {
    const reason = await whyDown(ctx, settings, thrown)
    if (reason === undefined) throw thrown
    return { kind: 'none', longestHold: null, reason }
  }
}

async function arm(freeze: GuestFreeze, ctx: OperationContext, request: DeadmanRequest): Promise<DeadmanHandle> {
  const thaw = await freeze.thawOf(ctx, request.finalize)
  if (typeof thaw === 'string') throw notArmed(thaw)
  const instance = instanceName(ctx)
  const id = ctx.world.randomText(16, 'abcdefghijklmnopqrstuvwxyz0123456789')
  const script = armScript({
    instance,
    id,
    lease: request.lease,
    maximum: request.maximum ?? request.lease,
    thaw: thaw.script,
    files: thaw.files ?? {},
  })
  const connection = await connectTo(thaw.settings, ctx)
  try {
    const result = await runScript(ctx, connection, thaw.settings, script, { timeout: armPatience })
    const handle = handleOf(result, { token: request.token, id, now: ctx.world.clock.now() })
    armedHere.get(instance)?.connection.release()
    armedHere.set(instance, { handle, settings: thaw.settings, connection })
    return handle
  } catch (thrown) {
    connection.release()
    throw thrown
  }
}

function handleOf(
  result: ExecResult,
  { token, id, now }: { readonly token: string; readonly id: string; readonly now: Instant },
): GuestHandle {
  const [folder = '', pid, startTime, uptime] = result.stdout.toString('utf8').trim().split(' ')
  const handle = guestHandleFrom({
    kind: 'ssh',
    token,
    id,
    folder,
    pid: Number(pid),
    startTime: Number(startTime),
    clockOffset: Math.round(now - Number(uptime) * 1000),
  })
  if (result.code === 0 && handle && Number.isFinite(handle.clockOffset)) return handle
  throw notArmed(wordsOf(result))
}

interface Question {
  readonly handle: DeadmanHandle
  readonly finalize: DeadmanFinalize | undefined
}

async function extend(
  freeze: GuestFreeze,
  ctx: OperationContext,
  { lease, ...question }: Question & { readonly lease: Duration },
): Promise<DeadmanHandle> {
  const handle = guestHandleFrom(question.handle)
  if (!handle) throw notArmed('the handle is that of no deadman on a host')
  const name = ctx.world.randomText(12, 'abcdefghijklmnopqrstuvwxyz')
  const script = extendScript(handle, name, lease)
  const result = await runBeside(freeze, ctx, question, { script, timeout: armPatience })
  if (result.code !== 0) throw notArmed('it did not grant more time')
  return handle
}

async function disarm(
  freeze: GuestFreeze,
  ctx: OperationContext,
  question: Question,
): Promise<{ readonly firedAt: Instant | null }> {
  const handle = guestHandleFrom(question.handle)
  if (!handle) return { firedAt: null }
  const script = disarmScript(handle)
  const result = await runBeside(freeze, ctx, question, { script, timeout: disarmPatience })
  const armed = armedAs(ctx, handle)
  if (armed) {
    armedHere.delete(instanceName(ctx))
    armed.connection.release()
  }
  return { firedAt: firedAtOf(ctx, handle, result) }
}

/** What this process knows of the deadman; undefined when another one has armed it. */
function armedAs(ctx: OperationContext, { id }: DeadmanHandle): Armed | undefined {
  const armed = armedHere.get(instanceName(ctx))
  return armed?.handle.id === id ? armed : undefined
}

/** Over the connection that was kept for it, or over a new one. */
async function runBeside(
  freeze: GuestFreeze,
  ctx: OperationContext,
  { handle, finalize }: Question,
  { script, timeout }: { readonly script: string; readonly timeout: Duration },
): Promise<ExecResult> {
  const armed = armedAs(ctx, handle)
  if (armed) {
    try {
      return await runScript(ctx, armed.connection, armed.settings, script, { timeout })
    } catch (thrown) {
      // The connection may be gone: a new one finds the deadman as well.
      if (!asFault(thrown).code.startsWith('ssh.')) throw thrown
    }
  }
  const settings = armed?.settings ?? (await freeze.settingsOf(ctx, finalize))
  return withHost(settings, ctx, (connection) => runScript(ctx, connection, settings, script, { timeout }))
}

function firedAtOf(ctx: OperationContext, handle: GuestHandle, result: ExecResult): Instant | null {
  const [first = '', ...lines] = result.stdout.toString('utf8').split('\n')
  const [word, at, , code] = first.split(' ')
  if (result.code !== 0 || (word !== 'fired' && word !== 'none'))
    throw fault('ssh.command_failed', { details: { host: 'its deadman', reason: wordsOf(result) }, effect: 'none' })
  if (word === 'none') return null
  const said = lines.join('\n').trim()
  ctx.log.warning(
    `The lease ended, and the deadman on the host thawed it: ${code === '0' ? 'it ended well' : `exit code ${code}`}${said === '' ? '' : `: ${said}`}`,
  )
  return Number(at) > 0 ? Math.round(handle.clockOffset + Number(at) * 10) : ctx.world.clock.now()
}

function wordsOf({ code, stderr, stdout }: ExecResult): string {
  const said = (stderr.length > 0 ? stderr : stdout).toString('utf8').trim()
  return said === '' ? `the host's shell ended with exit code ${code}` : said.slice(-1000)
}

const notArmed = (reason: string): Error => fault('freeze.not_armed', { details: { reason } })
