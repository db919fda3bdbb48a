// The lab of a real control plane as tests see it: how to reach it, what lies on its volumes, which of its services runs,
// and the mails that its SMTP server has. `up` starts it.
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eventually } from '../../support/cli.ts'

const run = promisify(execFile)

export const state = process.env['LAB_STATE'] ?? '/tmp/lab-openstack'

const openrc = join(state, 'etc/openrc')
if (!existsSync(join(state, 'etc/lab.json')))
  throw new Error(`no lab runs with its state in ${state}: npm run test:lab -- openstack`)

const variable = (name: string): string =>
  new RegExp(`^export ${name}=(.*)$`, 'm').exec(readFileSync(openrc, 'utf8'))?.[1] ?? ''

/** As a blueprint has it. */
export const clientConfig = {
  auth_url: variable('OS_AUTH_URL'),
  username: variable('OS_USERNAME'),
  password: variable('OS_PASSWORD'),
  project_name: variable('OS_PROJECT_NAME'),
  user_domain_name: variable('OS_USER_DOMAIN_NAME'),
  project_domain_name: variable('OS_PROJECT_DOMAIN_NAME'),
  region_name: variable('OS_REGION_NAME'),
}

/** For commands without a blueprint: what `openrc` would set. */
export const environment: Readonly<Record<string, string>> = Object.fromEntries(
  [...readFileSync(openrc, 'utf8').matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
)

/** Where Cinder keeps its volumes. */
const share = join(state, 'share')

interface Layers {
  readonly active?: string
}

/** The file that a guest would write to; a snapshot puts another one on top. */
function activeFile(volume: string): string {
  const info = join(share, `volume-${volume}.info`)
  const active = existsSync(info) ? (JSON.parse(readFileSync(info, 'utf8')) as Layers).active : undefined
  return join(share, active ?? `volume-${volume}`)
}

async function formatOf(file: string): Promise<string> {
  const { stdout } = await run('qemu-img', ['info', '-U', '--output=json', file])
  return (JSON.parse(stdout) as { readonly format: string }).format
}

async function onVolume(volume: string, command: string): Promise<string> {
  const file = activeFile(volume)
  const { stdout } = await run('qemu-io', ['-f', await formatOf(file), '-c', command, file])
  return stdout
}

/** Fills the beginning of a volume with this byte, as its guest would. */
export async function write(volume: string, byte: number): Promise<void> {
  await onVolume(volume, `write -P ${byte} 0 64k`)
}

/** The byte that a volume begins with. */
export async function read(volume: string): Promise<number> {
  const dump = await onVolume(volume, 'read -v 0 512')
  const [, first = ''] = /^00000000:\s+([0-9a-f]{2})/m.exec(dump) ?? []
  if (first === '') throw new Error(`nothing could be read of volume ${volume}: ${dump}`)
  return Number.parseInt(first, 16)
}

/** Ends a daemon of the lab, `nova-compute`, as a dead host would; `mend` starts it again. */
export async function stop(daemon: string): Promise<void> {
  const [pid = ''] = readFileSync(join(state, 'pid', daemon), 'utf8').split(' ')
  process.kill(-Number(pid), 'SIGKILL')
  await eventually(`${daemon} is gone`, () => !existsSync(`/proc/${pid}/exe`))
}

/** Starts again what is missing. */
export async function mend(): Promise<void> {
  const env = { ...process.env, LAB_STATE: state, LAB_SKIP_APT: '1' }
  await run(fileURLToPath(new URL('up', import.meta.url)), [], { env })
}

/** For `fermata mail settings`, over TLS, with the password out of a secret of this name. */
export function mailServerOptions(secret: string): readonly string[] {
  const [host = '', port = ''] = readFileSync(join(state, 'etc/smtp'), 'utf8').trim().split(':')
  const server = ['--server', host, '--port', port, '--ca', join(state, 'smtp-ca.pem')]
  return [...server, '--from', 'f@example.com', '--user', 'lab', '--password-secret', secret]
}

/** Whole mails that came for somebody. */
export function mailsTo(address: string): readonly string[] {
  const folder = join(state, 'maildir/new')
  const texts = existsSync(folder) ? readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')) : []
  return texts.filter((text) => text.includes(address))
}

/** One line of what the run of the lab has to show. */
export function figure(text: string): void {
  console.log(`      figure: ${text}`)
}
