// How many hosts a second a command reaches through one gateway: ours, `ssh -J` under xargs, and pssh, in one run. Beside
// them what bounds ours: the library as it comes, with nothing around it, and OpenSSH's own client over one gateway connection.
// Needs the lab of SSH hosts: `npm run test:lab -- ssh` runs it, or `node bench/ssh.ts` while the lab is up.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openConnections } from '../src/plugins/ssh/client/connections.ts'
import type { Target } from '../src/plugins/ssh/client/connection.ts'
import { targetOf } from '../src/plugins/ssh/client/target.ts'
import type { Client as SshClient } from 'ssh2'
import { realWorld } from '../src/world/real-world.ts'
import { usersMain } from '../test/support/users-main.ts'
import { median, printRows, type Row } from './report.ts'

const state = process.env['LAB_STATE'] ?? '/tmp/lab-ssh'
const config = join(state, 'ssh_config')
const root = fileURLToPath(new URL('..', import.meta.url))
const main = usersMain()
const { signal } = new AbortController()

const names = (await readFile(join(state, 'known_hosts'), 'utf8')).match(/^h\d+(?=,)/gm) ?? []

async function timed(work: () => Promise<readonly string[]>): Promise<number> {
  const begun = performance.now()
  const outputs = await work()
  const seconds = (performance.now() - begun) / 1000
  if (outputs.toSorted().join() !== names.toSorted().join()) throw new Error(`wrong outputs: ${outputs.join(' ')}`)
  return names.length / seconds
}

async function medianOfThree(work: () => Promise<readonly string[]>): Promise<number> {
  const rates: number[] = []
  for (let round = 0; round < 3; round++) rates.push(await timed(work))
  return median(rates)
}

async function ours(targets: readonly Target[]): Promise<readonly string[]> {
  const pool = openConnections()
  const world = realWorld()
  const outputs = await Promise.all(
    targets.map(async (target) => {
      const connection = await pool.connect(target, { signal, world })
      const { stdout } = await connection.exec('hostname', { signal })
      connection.release()
      return stdout.toString('utf8').trim()
    }),
  )
  await pool.close()
  return outputs
}

const { Client } = createRequire(import.meta.url)('ssh2') as { readonly Client: typeof SshClient }

/** ssh2 alone: it asks nobody whether the host is the right one. */
async function bareLibrary(): Promise<readonly string[]> {
  const [jumpKey, hostKey] = await Promise.all(['jump', 'host'].map((name) => readFile(join(state, 'keys', name))))
  const login = (options: object): Promise<SshClient> =>
    new Promise((resolve, reject) => {
      const client = new Client()
      client.on('ready', () => resolve(client)).on('error', reject)
      client.connect({ username: 'root', readyTimeout: 60_000, ...options })
    })
  const gateway = await login({ host: '10.254.0.2', privateKey: jumpKey })
  const outputs = await Promise.all(
    names.map(async (name) => {
      const sock = await new Promise((resolve, reject) => {
        gateway.forwardOut('127.0.0.1', 0, `10.254.1.${name.slice(1)}`, 22, (problem, channel) =>
          problem ? reject(problem) : resolve(channel),
        )
      })
      const client = await login({ sock, privateKey: hostKey })
      const text = await new Promise<string>((resolve, reject) => {
        client.exec('hostname', (problem, channel) => {
          if (problem) return reject(problem)
          let out = ''
          channel.on('data', (chunk: Buffer) => (out += chunk.toString('utf8'))).on('close', () => resolve(out.trim()))
        })
      })
      client.end()
      return text
    }),
  )
  gateway.end()
  return outputs
}

/** A whole `fermata fleet run` in a home of its own: every host a durable step, asked back by its status folder. */
async function fleetRun(on: readonly string[] = names): Promise<{ readonly rate: number; readonly memory: number }> {
  const home = await mkdtemp(join(tmpdir(), 'fermata-bench-'))
  const fermata = ['--disable-warning=ExperimentalWarning', main]
  const login = ['--jump', 'root@10.254.0.2', '--jump-key', `${state}/keys/jump`, '--user', 'root']
  const keys = ['--key', `${state}/keys/host`, '--known-hosts', `${state}/known_hosts`, '--concurrency', '100']
  const hosts = ['--hosts', on.map((name) => `10.254.1.${name.slice(1)}`).join(','), ...login, ...keys]
  const env = { ...process.env, FERMATA_HOME: home }
  try {
    const begun = performance.now()
    const child = spawn(process.execPath, [...fermata, 'fleet', 'run', ...hosts, '--', 'hostname'], {
      stdio: 'ignore',
      env,
    })
    let memory = 0
    const watching = setInterval(() => (memory = Math.max(memory, residentMemory(child.pid))), 50)
    await new Promise((resolve) => child.on('exit', resolve))
    clearInterval(watching)
    const rate = on.length / ((performance.now() - begun) / 1000)
    const [run] = JSON.parse(await printed(process.execPath, [...fermata, 'fleet', 'list', '--json'], '', env))
    const report = JSON.parse(await printed(process.execPath, [...fermata, 'fleet', 'show', run.id, '--json'], '', env))
    const outputs: string[] = report.hosts.map((one: { steps: { stdout: string }[] }) => one.steps[0]?.stdout.trim())
    if (outputs.toSorted().join() !== on.toSorted().join()) throw new Error(`wrong outputs: ${outputs.join(' ')}`)
    return { rate, memory }
  } finally {
    await rm(home, { recursive: true })
  }
}

/** Megabytes, the most so far; 0 when the process is gone. */
function residentMemory(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

function printed(command: string, args: readonly string[], input = '', env = process.env): Promise<string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'], env })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  child.stdin.end(input)
  return new Promise((resolve, reject) => child.on('error', reject).on('close', () => resolve(text)))
}

const words = (text: string): string[] => text.match(/^h\d+$/gm) ?? []

async function sshUnderXargs(atOnce: number): Promise<readonly string[]> {
  const line = ['-P', String(atOnce), '-I', '{}', 'ssh', '-F', config, '{}', 'hostname']
  return words(await printed('xargs', line, names.join('\n')))
}

/** One login at the gateway for all hosts, as ours has. */
async function sshOverOneGateway(atOnce: number): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fermata-bench-'))
  const gateway = ['-F', config, '-S', join(folder, 'gateway')]
  try {
    // It goes on in the background, with whatever it was given to write to.
    await new Promise((resolve, reject) => {
      const child = spawn('ssh', [...gateway, '-M', '-f', '-N', 'jump'], { stdio: 'ignore' })
      child.on('error', reject).on('exit', resolve)
    })
    const proxy = `ProxyCommand=ssh ${gateway.join(' ')} -W %h:%p jump`
    const line = ['-P', String(atOnce), '-I', '{}', 'ssh', '-F', config, '-o', proxy, '{}', 'hostname']
    return words(await printed('xargs', line, names.join('\n')))
  } finally {
    await printed('ssh', [...gateway, '-O', 'exit', 'jump'])
    await rm(folder, { recursive: true })
  }
}

async function pssh(atOnce: number): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fermata-bench-'))
  try {
    const hosts = join(folder, 'hosts')
    await writeFile(hosts, names.join('\n'))
    const line = ['-h', hosts, '-p', String(atOnce), '-t', '120', '-i', '-x', `-F ${config}`, 'hostname']
    return words(await printed('parallel-ssh', line))
  } finally {
    await rm(folder, { recursive: true })
  }
}

// Whatever suits them best on this machine; too many at once, and their handshakes time out.
async function best(work: (atOnce: number) => Promise<readonly string[]>): Promise<number | undefined> {
  const rates: number[] = []
  for (const atOnce of [5, 10, 20]) {
    try {
      rates.push(await timed(() => work(atOnce)))
      console.log(`  ${work.name}, ${atOnce} at once: ${rates.at(-1)?.toFixed(2)} hosts/s`)
    } catch (problem) {
      console.log(`  ${work.name}, ${atOnce} at once: ${(problem as Error).message.slice(0, 100)}`)
    }
  }
  return rates.length === 0 ? undefined : Math.max(...rates)
}

console.log(`  fermata is run from ${main.slice(root.length)}`)
const account = { user: 'root', home: state, agent: undefined, configs: [config] }
const targets = await Promise.all(names.map((host) => targetOf({ host }, account)))
const own = await medianOfThree(() => ours(targets))
const memory = process.resourceUsage().maxRSS / 1024
const bare = await medianOfThree(bareLibrary)
// Ours before, between and after the others: whatever else the machine does in the meantime meets all of them.
const alone = [await fleetRun(names.slice(0, 1))]
const fleets = [await fleetRun(), await fleetRun()]
const jumping = await best(sshUnderXargs)
fleets.push(await fleetRun())
alone.push(await fleetRun(names.slice(0, 1)))
const sharing = await best(sshOverOneGateway)
const parallel = await best(pssh)
fleets.push(await fleetRun(), await fleetRun())
alone.push(await fleetRun(names.slice(0, 1)))
const fleet = median(fleets.map(({ rate }) => rate))
const fleetMemory = Math.max(...fleets.map((one) => one.memory))

const rows: Row[] = [
  { name: 'ours', value: own, unit: 'hosts/s' },
  { name: 'ssh2 with nothing around it', value: bare, unit: 'hosts/s', ratio: ['ours is faster by', own / bare] },
  { name: 'fermata fleet run, start to end', value: fleet, unit: 'hosts/s' },
  { name: 'of that, with one host alone', value: 1 / median(alone.map(({ rate }) => rate)), unit: 's' },
]
if (jumping)
  rows.push({ name: 'ssh -J, xargs -P', value: jumping, unit: 'hosts/s', ratio: ['ours is faster by', own / jumping] })
if (sharing) {
  const ratio = ['ours is faster by', own / sharing] as const
  rows.push({ name: 'ssh over one gateway connection, xargs -P', value: sharing, unit: 'hosts/s', ratio })
}
if (parallel)
  rows.push({ name: 'pssh', value: parallel, unit: 'hosts/s', ratio: ['ours is faster by', own / parallel] })
rows.push({ name: 'memory at most', value: memory, unit: 'MB' })
rows.push({ name: 'memory of fleet run at most', value: fleetMemory, unit: 'MB' })
printRows(`a command on ${names.length} hosts through one gateway`, rows)
const times = (other: number | undefined): string =>
  other ? `${(own / other).toFixed(1)} times` : 'not measured against'
console.log(
  `figure: ${own.toFixed(1)} hosts/s over ${names.length} hosts, ${times(jumping)} ssh -J under xargs, ${times(parallel)} pssh, ${memory.toFixed(0)} MB`,
)
const against = (other: number | undefined): string =>
  other ? `${(fleet / other).toFixed(1)} times` : 'not measured against'
console.log(
  `figure: fleet run, start to end: ${fleet.toFixed(1)} hosts/s, ${against(jumping)} ssh -J under xargs, ${against(parallel)} pssh, ${fleetMemory.toFixed(0)} MB`,
)
