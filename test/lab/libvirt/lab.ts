// The lab of libvirt guests as tests see it: where it is, what its guests write, and virsh, which is not what is tested.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

// Beside other labs it has a state of its own.
export const state = process.env['LAB_LIBVIRT_STATE'] ?? process.env['LAB_STATE'] ?? '/tmp/lab-libvirt'

if (!existsSync(join(state, 'uri')))
  throw new Error(`no lab runs with its state in ${state}: npm run test:lab -- libvirt`)

/** As a blueprint's libvirt_auth would have it. */
export const labUri = (): string => readFileSync(join(state, 'uri'), 'utf8').trim()

/** Its pool `labpool` is a folder of this machine. */
export const poolFolder = join(state, 'disks')

/** How many guests run: lab1 to labN. */
export async function countGuests(): Promise<number> {
  return labGuests(await virsh('list', '--all', '--name')).length
}

const labGuests = (list: string): readonly string[] => list.split('\n').filter((name) => /^lab\d+$/.test(name))

/** A daemon that has died by itself is started again, loudly: what failed of it fails once. */
export async function virsh(...args: readonly string[]): Promise<string> {
  return askVirsh(...args).catch(async (thrown: unknown) => {
    if (!String(thrown).includes('Failed to connect socket')) throw thrown
    console.log('      !!! LIBVIRTD HAS DIED BY ITSELF, AND IS STARTED AGAIN')
    await mend()
    return askVirsh(...args)
  })
}

async function askVirsh(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('virsh', ['-q', '-c', labUri(), ...args], { maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

/** Starts again what is missing: a destroyed guest, the daemon. Resolves when the agents of all guests answer. */
export async function mend(): Promise<void> {
  const known = await askVirsh('list', '--all', '--name').then(labGuests, () => ['lab1'])
  const guests = String(known.length)
  const env = { ...process.env, LAB_STATE: state, LAB_NO_APT: '1' }
  await run(fileURLToPath(new URL('up', import.meta.url)), [], { env: { LAB_GUESTS: guests, ...env } })
}

export const agent = async <Answer>(guest: string, execute: string, given: object = {}): Promise<Answer> => {
  const text = JSON.stringify({ execute, arguments: given })
  const { return: answer } = JSON.parse(await virsh('qemu-agent-command', '--timeout', '10', guest, text)) as {
    return: Answer
  }
  return answer
}

interface ExecStatus {
  readonly exited: boolean
  readonly exitcode?: number
  readonly 'out-data'?: string
}

/** Runs a shell command in the guest by its agent; not while it is frozen. */
export async function inGuest(guest: string, command: string): Promise<string> {
  const given = { path: '/bin/sh', arg: ['-c', command], 'capture-output': true }
  const { pid } = await agent<{ pid: number }>(guest, 'guest-exec', given)
  for (;;) {
    const status = await agent<ExecStatus>(guest, 'guest-exec-status', { pid })
    if (!status.exited) continue
    const out = Buffer.from(status['out-data'] ?? '', 'base64').toString('utf8')
    if (status.exitcode !== 0) throw new Error(`in ${guest}: '${command}' ended with ${status.exitcode}: ${out}`)
    return out
  }
}

/** One durable line of the guest's writer, which is on all its disks then. `at`: ms since the guest's start, by its own clock. */
export interface Written {
  readonly number: number
  readonly at: number
}

/** What the guest's writer says on its console, since its start. */
export function written(guest: string): readonly Written[] {
  const console = readFileSync(join(state, 'log', `${guest}-console.log`), 'latin1')
  return [...console.matchAll(/^LAB w (\d+) (\d+)\.(\d\d)\r?$/gm)].map(([, number, seconds, hundredths]) => ({
    number: Number(number),
    at: Number(seconds) * 1000 + Number(hundredths) * 10,
  }))
}

/** The longest time, ms, that the guest's writer stood still between two lines, from line `since` on. */
export function longestGap(guest: string, since: number): number {
  const lines = written(guest).filter(({ number }) => number >= since)
  return lines.reduce((longest, { at }, index) => Math.max(longest, at - (lines[index - 1]?.at ?? at)), 0)
}

/** Resolves with the writer's last line once it has written `more` lines from now on. */
export async function writesOn(guest: string, more = 1): Promise<Written> {
  const from = written(guest).at(-1)?.number ?? 0
  for (;;) {
    const last = written(guest).at(-1)
    if (last !== undefined && last.number >= from + more) return last
    await after(20)
  }
}

/** Lets the guest's writer pause so many seconds between its lines. */
export async function writeEvery(guest: string, seconds: number): Promise<void> {
  await inGuest(guest, `echo ${seconds} > /run/interval`)
}

/** Gives the guest back the disks that it has now, and removes those that it was restored to meanwhile. */
export async function givingBack(guest: string): Promise<() => Promise<void>> {
  const definition = join(state, `${guest}-before.xml`)
  writeFileSync(definition, await virsh('dumpxml', '--inactive', '--security-info', guest))
  return async () => {
    await virsh('destroy', guest).catch(() => '')
    const restored = (await virsh('domblklist', guest, '--inactive')).match(/\/\S+-r[0-9a-f]{8}\.qcow2/g) ?? []
    await virsh('define', definition)
    await virsh('start', guest)
    for (const path of [...restored, definition]) rmSync(path, { force: true })
    await mend()
  }
}

/** One line of what the run of the lab has to show. */
export function figure(text: string): void {
  console.log(`      figure: ${text}`)
}
