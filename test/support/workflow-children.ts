// Workflows in processes of their own that die where a test says: at a fault point, or right after any call had its effect
// on a provider. The next process is loaded while one runs.
import { expect } from 'chai'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { JsonObject } from '../../src/kernel/json.ts'
import type { WorkflowOrder } from './workflow-child.ts'

const program = new URL('workflow-child.ts', import.meta.url).pathname

/** Where a process dies: at a fault point, or when such a call has had its effect and nobody has been told. */
export interface Death {
  readonly kind: 'point' | 'call'
  readonly name: string
  readonly ordinal: number
}

export interface WorkflowCall {
  readonly workflow: string
  readonly parameters: JsonObject
}

export interface WorkflowChildren {
  /** The fault points that it passed. It must end well. */
  passedBy(call: WorkflowCall): Promise<readonly string[]>
  /** False: it ended, well or not, before it came to that point. */
  killedAt(call: WorkflowCall, point: Omit<Death, 'kind'>): Promise<boolean>
  /** `plan` is handed what kills it. False: it ended, well or not, and nobody did. */
  killedBy(call: WorkflowCall, plan: (kill: () => Promise<void>) => void): Promise<boolean>
  close(): void
}

type Where = Pick<WorkflowOrder, 'home' | 'deploymentId' | 'haste'>

export function workflowChildren(where: Where): WorkflowChildren {
  const spare: ChildProcess[] = [begun()]
  const run = async (
    order: WorkflowCall & Pick<WorkflowOrder, 'killAt'>,
    then?: (child: ChildProcess) => void,
  ): Promise<readonly string[]> => {
    const child = spare.pop() ?? begun()
    const ended = once(child, 'close')
    if (!child.stdin || !child.stdout) throw new Error('it has no pipes')
    const said = text(child.stdout)
    then?.(child)
    child.stdin.end(JSON.stringify({ ...where, ...order } satisfies WorkflowOrder))
    spare.push(begun())
    await ended
    return (await said).split('\n').filter((line) => line !== '')
  }
  return {
    async passedBy(call) {
      const lines = await run(call)
      expect(lines.at(-1)).to.equal('ended terminated ')
      return lines.slice(0, -1).map((line) => line.replace('passed ', ''))
    },
    killedAt: async (call, { name, ordinal }) => isDeath(await run({ ...call, killAt: { point: name, ordinal } })),
    async killedBy(call, plan) {
      const lines = await run(call, (child) =>
        plan(async () => {
          const closed = once(child, 'close')
          child.kill('SIGKILL')
          await closed
        }),
      )
      return isDeath(lines)
    },
    close() {
      for (const child of spare) child.kill('SIGKILL')
    },
  }
}

/** Tells those of the same name apart, in the order they came. */
export function numbered(kind: Death['kind'], names: readonly string[]): readonly Death[] {
  const counts = new Map<string, number>()
  return names.map((name) => {
    const ordinal = (counts.get(name) ?? 0) + 1
    counts.set(name, ordinal)
    return { kind, name, ordinal }
  })
}

function begun(): ChildProcess {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') }
  return spawn(process.execPath, [program], { env, stdio: ['pipe', 'pipe', 'inherit'] })
}

function isDeath(lines: readonly string[]): boolean {
  return !(lines.at(-1) ?? '').startsWith('ended')
}
