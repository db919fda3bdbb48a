// The commands of the guest agent, as qemu-ga 7.2 answers them.
import type { Json, JsonObject } from '../../../../src/kernel/json.ts'
import type { Agent } from './agent.ts'
import { AgentError } from './agent-error.ts'
import { AgentFiles } from './agent-files.ts'
import type { Guest } from './guest.ts'
import { GuestProcesses, type ExecStatus } from './processes.ts'

const allowedWhileFrozen = new Set([
  'guest-ping',
  'guest-info',
  'guest-sync',
  'guest-sync-delimited',
  'guest-fsfreeze-status',
  'guest-fsfreeze-thaw',
])

export const isAllowedWhileFrozen = (name: string): boolean => allowedWhileFrozen.has(name)

const textList = (value: Json | undefined): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

type Command = (given: JsonObject, agent: Agent) => Json | Promise<Json>

/** The commands of one guest, and what they keep between them. */
export class AgentCommands {
  readonly processes: GuestProcesses
  readonly #guest: Guest
  readonly #files: AgentFiles
  readonly #commands: Readonly<Record<string, Command>>

  constructor(guest: Guest) {
    this.#guest = guest
    this.#files = new AgentFiles(guest.folder)
    this.processes = new GuestProcesses(guest.folder)
    const files = this.#files
    this.#commands = {
      'guest-ping': () => ({}),
      'guest-sync': (given) => given['id'] ?? 0,
      'guest-info': (_, agent) => this.#info(agent),
      'guest-fsfreeze-status': (_, agent) => (agent.believesFrozen ? 'frozen' : 'thawed'),
      'guest-fsfreeze-freeze': (_, agent) => this.#freeze(agent, undefined),
      'guest-fsfreeze-freeze-list': (given, agent) =>
        this.#freeze(agent, given['mountpoints'] === undefined ? undefined : textList(given['mountpoints'])),
      'guest-fsfreeze-thaw': (_, agent) => this.#thaw(agent),
      'guest-fstrim': () => ({ paths: [] }),
      'guest-get-fsinfo': () => this.#filesystems(),
      'guest-get-time': () => Date.now() * 1e6,
      'guest-set-time': () => ({}),
      'guest-get-host-name': () => ({ 'host-name': guest.hostname }),
      'guest-get-osinfo': () => ({ machine: 'x86_64', 'kernel-release': '6.1.0-50-cloud-amd64' }),
      'guest-get-timezone': () => ({ zone: 'UTC', offset: 0 }),
      'guest-get-users': () => [],
      'guest-network-get-interfaces': () => this.#interfaces(),
      'guest-file-open': (given) => files.open(given),
      'guest-file-read': (given) => files.read(given),
      'guest-file-write': (given) => files.write(given),
      'guest-file-seek': (given) => files.seek(given),
      'guest-file-flush': (given) => files.flush(given),
      'guest-file-close': (given) => files.close(given),
      'guest-exec': (given) => this.#exec(given),
      'guest-exec-status': (given) => this.#execStatus(given),
      'guest-shutdown': () => this.#shutDown(),
    }
  }

  /** @throws AgentError */
  async execute(name: string, given: JsonObject, agent: Agent): Promise<Json> {
    const command = this.#commands[name]
    if (!command) throw new AgentError(`The command ${name} has not been found`)
    return command(given, agent)
  }

  /** A new boot: nothing is open, nothing runs. */
  reset(): void {
    this.#files.closeAll()
    this.processes.signal('SIGKILL')
  }

  #info(agent: Agent): Json {
    const isEnabled = (name: string): boolean =>
      !agent.blocked.has(name) && (!agent.believesFrozen || isAllowedWhileFrozen(name))
    return {
      version: '7.2.22',
      supported_commands: Object.keys(this.#commands).map((name) => ({
        name,
        enabled: isEnabled(name),
        'success-response': name !== 'guest-shutdown',
      })),
    }
  }

  async #freeze(agent: Agent, mountpoints: readonly string[] | undefined): Promise<number> {
    if (agent.freezeHookTakes > 0) await new Promise((resolve) => setTimeout(resolve, agent.freezeHookTakes))
    if (agent.freezeHookFails) throw new AgentError('fsfreeze hook has failed with status 1')
    const all = this.#guest.mounts.map(({ mountpoint }) => mountpoint)
    const count = this.#guest.freeze(mountpoints ?? all)
    // With nothing to freeze the agent goes on as before.
    agent.believesFrozen = count > 0
    return count
  }

  #thaw(agent: Agent): number {
    agent.believesFrozen = false
    return this.#guest.thaw()
  }

  #filesystems(): Json {
    return this.#guest.mounts.map(({ mountpoint, device, fstype }) => ({
      name: device,
      mountpoint,
      type: fstype,
      'total-bytes': 52685824,
      'used-bytes': 15360,
      disk: [{ 'bus-type': 'virtio', bus: 0, unit: 0, target: 0, dev: `/dev/${device}` }],
    }))
  }

  #interfaces(): Json {
    return [
      { name: 'lo', 'hardware-address': '00:00:00:00:00:00', 'ip-addresses': [] },
      ...this.#guest.addresses.map(({ mac, address, prefix }, index) => ({
        name: `eth${index}`,
        'hardware-address': mac,
        'ip-addresses': [{ 'ip-address-type': 'ipv4', 'ip-address': address, prefix }],
      })),
    ]
  }

  async #exec(given: JsonObject): Promise<Json> {
    const path = String(given['path'])
    const input = given['input-data']
    try {
      const pid = await this.processes.start({
        path,
        arguments: textList(given['arg']),
        environment: textList(given['env']),
        input: typeof input === 'string' ? Buffer.from(input, 'base64') : undefined,
        captures: given['capture-output'] === true,
      })
      return { pid }
    } catch {
      throw new AgentError(
        `Guest agent command failed, error was 'Failed to execute child process “${path}” (No such file or directory)'`,
      )
    }
  }

  #execStatus(given: JsonObject): Json {
    const status = this.processes.status(Number(given['pid']))
    if (!status) throw new AgentError(`Invalid parameter 'pid'`)
    if (!status.exited) return { exited: false }
    return {
      exited: true,
      ...(status.exitCode === undefined ? {} : { exitcode: status.exitCode }),
      ...(status.signal === undefined ? {} : { signal: status.signal }),
      ...(status.captures ? this.#output(status) : {}),
    }
  }

  #output(status: ExecStatus): JsonObject {
    const [out, err] = [this.processes.text(status.output), this.processes.text(status.errors)]
    return {
      ...(out.length > 0 ? { 'out-data': out.toString('base64'), 'out-truncated': false } : {}),
      ...(err.length > 0 ? { 'err-data': err.toString('base64'), 'err-truncated': false } : {}),
    }
  }

  #shutDown(): Json {
    setImmediate(() => this.#guest.onPowerOff())
    return {}
  }
}
