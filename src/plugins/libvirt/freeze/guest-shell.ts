// Runs a shell script in a guest by its agent. Not while the guest is frozen: the agent follows nothing but thaw,
// status and ping then.
import { fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { withTools, type ShellResult } from '../../guest/shell.ts'
import { ask, type Guest } from './agent.ts'

const pause = 25

/** Commands of the agent that it takes. */
export const shellCommands = ['guest-exec', 'guest-exec-status'] as const

export async function runInGuest(
  guest: Guest,
  ctx: Pick<OperationContext, 'signal' | 'world'>,
  script: string,
  patience: number,
): Promise<ShellResult> {
  const { clock } = ctx.world
  const started = await ask(guest, ctx, 'guest-exec', {
    path: '/bin/sh',
    arg: ['-s'],
    'input-data': Buffer.from(withTools(script)).toString('base64'),
    'capture-output': true,
  })
  const pid = isJsonObject(started) ? started['pid'] : undefined
  if (typeof pid !== 'number') throw strange('guest-exec')
  const end = clock.monotonic() + patience
  for (;;) {
    const status = await ask(guest, ctx, 'guest-exec-status', { pid })
    if (!isJsonObject(status)) throw strange('guest-exec-status')
    if (status['exited'] === true) return resultFrom(status)
    const details = { domain: guest.dom.name, what: 'end a script' }
    if (clock.monotonic() > end) throw fault('libvirt.guest_silent', { details, effect: 'unknown' })
    await clock.sleep(pause, ctx.signal)
  }

  function strange(command: string): Error {
    const details = { domain: guest.dom.name, what: command, reason: 'it gave an answer that is none' }
    return fault('libvirt.agent_refused', { details, effect: 'unknown' })
  }
}

function resultFrom(status: Readonly<Record<string, Json | undefined>>): ShellResult {
  const text = (name: string): string => Buffer.from(String(status[name] ?? ''), 'base64').toString('utf8')
  const code = status['exitcode']
  return { code: typeof code === 'number' ? code : null, stdout: text('out-data'), stderr: text('err-data') }
}
