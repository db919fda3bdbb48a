// The lab of a simulated vCenter as tests see it: how to reach it, which machines it has, what goes wrong on demand and what
// was asked of it. `up` starts it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import type { JsonObject } from '../../../src/kernel/json.ts'

// Beside other labs it has a state of its own.
export const state = process.env['LAB_VSPHERE_STATE'] ?? process.env['LAB_STATE'] ?? '/tmp/lab-vsphere'

const info = join(state, 'info')
if (!existsSync(info)) throw new Error(`no lab runs with its state in ${state}: npm run test:lab -- vsphere`)

const told = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(readFileSync(info, 'utf8'))?.[1] ?? ''

const url = new URL(told('url'))
export const thumbprint = told('thumbprint')
export const password = told('password')

/** As a blueprint has it. */
export const connectionConfig = {
  host: url.hostname,
  port: Number(url.port),
  username: told('user'),
  password,
  certificate_path: told('ca'),
}

const agent = new Agent({ connect: { ca: readFileSync(told('ca'), 'utf8') } })

async function control<Answer>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: JsonObject): Promise<Answer> {
  const answer = await request(new URL(`/lab/${path}`, url), {
    method,
    dispatcher: agent,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return (await answer.body.json()) as Answer
}

/** What goes wrong, for the next `times` calls (0: always) whose body holds `match`. */
export interface LabFault {
  readonly method: string
  readonly match?: string
  /** `fault`: of the call itself, `task-fault`: of its task. */
  readonly kind: 'fault' | 'task-fault' | 'http' | 'drop' | 'hang' | 'stuck' | 'delay' | 'drop-after' | 'hang-after'
  readonly fault?: string
  readonly message?: string
  readonly status?: number
  readonly delayMs?: number
  readonly times?: number
  readonly skip?: number
}

export const goWrong = (fault: LabFault): Promise<void> =>
  control('POST', 'faults', { times: 1, ...fault } as unknown as JsonObject)

export interface LabMachine {
  readonly name: string
  readonly ref: string
  readonly power: string
  readonly snapshots: number
}

export const machines = (): Promise<readonly LabMachine[]> => control('GET', 'vms')
export const takeTime = (ms: number): Promise<void> => control('POST', 'tasks', { ms })
export const runTools = (name: string, running: boolean): Promise<void> => control('POST', 'tools', { name, running })

/** `yes`, or why no machine can have one. */
export const guests = told('guests')

/** A guest of the machine in which programs really run; who looks into it enters the namespaces of its first process. */
export const startGuest = (ref: string): Promise<{ readonly pid?: number; readonly problem?: string }> =>
  control('POST', 'guest', { ref })
export const stopGuest = (ref: string): Promise<unknown> => control('DELETE', 'guest', { ref })

/** What becomes of a machine's disks when a snapshot of it goes. `stuck`: no consolidation helps. */
export const leavePieces = (name: string, as: 'left' | 'stuck' | ''): Promise<void> =>
  control('POST', 'pieces', { name, as })

export interface LabCalls {
  /** In the order they came. */
  readonly log: readonly string[] | null
  /** Method -> how often; `hang-after` and `drop-after`: how often such a call has had its effect. */
  readonly calls: Readonly<Record<string, number>>
  /** Method -> how many of it at the same time, at most. */
  readonly most: Readonly<Record<string, number>>
}

export const calls = (): Promise<LabCalls> => control('GET', 'calls')
export const forgetCalls = (): Promise<LabCalls> => control('DELETE', 'calls')

/** Nothing goes wrong any more. */
export const noFaults = (): Promise<unknown> => control('DELETE', 'faults')

/** And tasks end at once. */
export async function calm(): Promise<void> {
  await noFaults()
  await takeTime(0)
  await keepLeases(300_000)
}

/** Those that are open. */
export const leases = (): Promise<readonly string[]> => control('GET', 'leases')

/** How long the next ones are kept of which nobody hears. */
export const keepLeases = (ms: number): Promise<unknown> => control('POST', 'leases', { ms })

/** Ends all sessions, as a vCenter that was started anew. */
export const endSessions = (): Promise<void> => control('POST', 'sessions')

/** One line of what the run of the lab has to show. */
export function figure(text: string): void {
  console.log(`      figure: ${text}`)
}
