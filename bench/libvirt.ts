// How fast calls to a hypervisor are: ours on one connection, and `virsh`, in one run. 1,000 domains are listed with their
// states, which a shell script does with one `virsh` for each. Needs the lab of guests: `npm run test:lab -- libvirt` runs
// it, or `node bench/libvirt.ts` while the lab is up.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type LibvirtConnection } from '../src/plugins/libvirt/client/connection.ts'
import type { Domain } from '../src/plugins/libvirt/client/structs.ts'
import { realWorld } from '../src/world/real-world.ts'
import { median, printRows } from './report.ts'

const state = process.env['LAB_STATE'] ?? '/tmp/lab-libvirt'
const world = realWorld()
const { signal } = new AbortController()
const rounds = 5

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

async function medianOf(count: number, measure: () => Promise<number>): Promise<number> {
  const values: number[] = []
  for (let round = 0; round < count; round++) values.push(await measure())
  return median(values)
}

function virsh(uri: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn('virsh', ['-q', '-c', uri, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`virsh ended with ${code}`))))
  })
}

const stateOf = (connection: LibvirtConnection, dom: Domain): Promise<{ readonly state: number }> =>
  connection.call('DOMAIN_GET_STATE', { dom }, { signal })

/** `atOnce` callers, each of which asks again as soon as it is answered. */
async function askMany(connection: LibvirtConnection, dom: Domain, count: number, atOnce: number): Promise<void> {
  let left = count
  const caller = async (): Promise<void> => {
    while (left-- > 0) await stateOf(connection, dom)
  }
  await Promise.all(Array.from({ length: atOnce }, caller))
}

async function smallCalls(uri: string): Promise<void> {
  const connection = await connect({ uri, signal, world })
  const { dom } = await connection.call('DOMAIN_LOOKUP_BY_NAME', { name: 'lab1' }, { signal })
  const calls = 20_000
  await askMany(connection, dom, 2000, 32)
  const rate = (atOnce: number): Promise<number> =>
    medianOf(rounds, async () => calls / (await seconds(() => askMany(connection, dom, calls, atOnce))))
  const many = await rate(32)
  const one = await rate(1)
  connection.close()
  // In one process, over one connection: it asks twice for each line, which we count for it.
  const lines = 1000
  const shell = await medianOf(3, async () => {
    const took = await seconds(() => virsh(uri, [], `domstate lab1\n`.repeat(lines)))
    return (2 * lines) / took
  })
  printRows('small calls on one connection', [
    { name: 'ours, 32 under way', value: many, unit: 'calls/s', ratio: ['faster than virsh by', many / shell] },
    { name: 'ours, one after the other', value: one, unit: 'calls/s', ratio: ['faster than virsh by', one / shell] },
    { name: 'virsh, one process', value: shell, unit: 'calls/s' },
  ])
  console.log(
    `figure: ${Math.round(many).toLocaleString('en')} small calls/s on one connection (${Math.round(one).toLocaleString('en')} one after the other), ` +
      `${(many / shell).toFixed(1)} times virsh in one process`,
  )
}

const count = 1000
const nameOf = (index: number): string => `bench${String(index).padStart(4, '0')}`

/** The driver of libvirt for tests: its domains are there for as long as somebody is connected. */
async function manyDomains(uri: string): Promise<void> {
  const keeper = await connect({ uri, signal, world })
  const names = Array.from({ length: count }, (_, index) => nameOf(index))
  for (const name of names) {
    const xml = `<domain type='test'><name>${name}</name><memory>1024</memory><os><type>hvm</type></os></domain>`
    await keeper.call('DOMAIN_DEFINE_XML', { xml }, { signal })
  }
  // Each time with a connection of its own: virsh has to make one, too.
  const took = await medianOf(rounds, () =>
    seconds(async () => {
      const connection = await connect({ uri, signal, world })
      const { domains } = await connection.call('CONNECT_LIST_ALL_DOMAINS', {}, { signal })
      const states = await Promise.all(domains.map((dom) => stateOf(connection, dom)))
      connection.close()
      const off = states.filter((one) => one.state === 5)
      if (off.length !== count) throw new Error(`${off.length} of ${count} domains are off`)
    }),
  )
  const sample = names.filter((_, index) => index % (count / 20) === 0)
  const each = await medianOf(sample.length, () =>
    seconds(async () => {
      const name = sample.shift() ?? ''
      const text = await virsh(uri, ['domstate', name])
      if (!text.includes('shut off')) throw new Error(`virsh says of ${name}: ${text}`)
    }),
  )
  keeper.close()
  const scaled = each * count
  printRows(`list and state of ${count} domains`, [
    {
      name: 'ours, connecting included',
      value: took * 1000,
      unit: 'ms',
      ratio: ['faster than virsh by', scaled / took],
    },
    { name: `virsh once per domain, 20 of them scaled to ${count}`, value: scaled * 1000, unit: 'ms' },
  ])
  console.log(
    `figure: list and state of ${count} domains in ${(took * 1000).toFixed(0)} ms, ${(scaled / took).toFixed(0)} times faster than virsh once per domain (20 of them, scaled)`,
  )
}

if (existsSync(join(state, 'uri'))) {
  const uri = readFileSync(join(state, 'uri'), 'utf8').trim()
  await smallCalls(uri)
  // The test driver of the same daemon.
  const { searchParams } = new URL(uri)
  const socket = searchParams.get('socket')
  await manyDomains(socket === null ? 'test+unix:///default' : `test+unix:///default?socket=${socket}`)
} else {
  console.log(`!!! LIBVIRT: NOTHING WAS MEASURED: no lab runs with its state in ${state} (npm run test:lab -- libvirt)`)
}
