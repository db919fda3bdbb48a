// The guest of a machine as its tools let us in: programs started there under a user of the guest, and files read back. There is
// no task to wait for: whether a program has ended has to be asked.
import { formatDuration, type Duration } from '../../../kernel/duration.ts'
import { asFault, Fault, fault } from '../../../kernel/fault.ts'
import type { Secret } from '../../../kernel/secret.ts'
import { allOf, at, numberAt, refIn, textAt, type Element } from './element.ts'
import { badAnswer } from './network-faults.ts'
import { struct, type Field, type Ref } from './value.ts'
import type { VCenter } from './vcenter.ts'

export interface GuestLogin {
  readonly username: string
  readonly password: Secret
}

export interface Program {
  /** Whole path. */
  readonly path: string
  /** As a shell of the guest reads them. */
  readonly arguments: string
}

const firstPause = 50
const longestPause = 1000
/** Times in a row that nothing was heard of a program. */
const mostSilence = 5
const mostReads = 3

export class Guest {
  readonly vcenter: VCenter
  readonly machine: Ref
  /** Of the machine, for people. */
  readonly name: string
  readonly login: GuestLogin
  #managers: Promise<{ readonly processes: Ref; readonly files: Ref }> | undefined

  constructor(
    vcenter: VCenter,
    { machine, name, login }: { readonly machine: Ref; readonly name: string; readonly login: GuestLogin },
  ) {
    this.vcenter = vcenter
    this.machine = machine
    this.name = name
    this.login = login
  }

  /** Its exit code. One that does not end in time is left as it is. @throws Fault `vsphere.*` */
  async run(program: Program, { what, patience, ends }: RunOptions): Promise<number> {
    const { clock } = this.vcenter.world
    const { processes } = await this.#found()
    const spec: Field = [
      'spec',
      struct(
        [
          ['programPath', program.path],
          ['arguments', program.arguments],
        ],
        'GuestProgramSpec',
      ),
    ]
    const limit = clock.monotonic() + patience
    const answer = await this.#ask(processes, 'StartProgramInGuest', [spec])
    const pid = numberAt(answer, 'returnval')
    if (pid === undefined) throw badAnswer(this.#call('StartProgramInGuest'), 'it names no process')
    let silence = 0
    for (let pause = firstPause; ; pause = Math.min(pause * 1.5, longestPause)) {
      const code = await this.#exitCode(pid).then(
        (found) => {
          silence = 0
          return found
        },
        (thrown: unknown) => {
          silence += 1
          if (!isPassing(thrown) || silence > mostSilence) throw thrown
        },
      )
      if (code !== undefined) return code
      const left = limit - clock.monotonic()
      if (left <= 0) break
      await clock.sleep(Math.min(pause, left), this.vcenter.signal)
    }
    if (ends) await this.#terminate(pid)
    const details = { machine: this.name, what, limit: formatDuration(patience) }
    throw fault('vsphere.guest_silent', { details, effect: 'unknown' })
  }

  /** A small one, of text. @throws Fault `vsphere.*` */
  async readFile(path: string): Promise<string> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#read(path)
      } catch (thrown) {
        if (!isPassing(thrown) || tries >= mostReads) throw thrown
      }
    }
  }

  /** With all that is in it. One that is not there, or cannot be removed, stays. */
  async forgetFolder(path: string): Promise<void> {
    const { files } = await this.#found()
    const args: readonly Field[] = [
      ['directoryPath', path],
      ['recursive', true],
    ]
    await this.#ask(files, 'DeleteDirectoryInGuest', args).catch((thrown: unknown) => {
      this.vcenter.log.debug(`'${path}' stays in the guest of ${this.name}: ${asFault(thrown).code}`)
    })
  }

  async #read(path: string): Promise<string> {
    const { files } = await this.#found()
    const call = this.#call('InitiateFileTransferFromGuest')
    const answer = await this.#ask(files, 'InitiateFileTransferFromGuest', [['guestFilePath', path]])
    const told = textAt(answer, 'returnval', 'url') ?? ''
    const { origin } = this.vcenter
    // A vCenter that serves it itself leaves its own name open.
    const url = told.replace(/^https:\/\/\*(?::\d+)?\//, `${origin}/`)
    if (!URL.canParse(url)) throw badAnswer(call, 'it names no address', 'none')
    const isElsewhere = new URL(url).hostname !== new URL(origin).hostname
    return this.vcenter.transfer({
      call: { name: `GET ${path} of ${this.name}`, isRead: true, origin: new URL(url).origin },
      url,
      method: 'GET',
      thumbprint: isElsewhere ? await this.#thumbprintOfHost() : undefined,
      take: async (body) => {
        const chunks: Uint8Array[] = []
        for await (const chunk of body) chunks.push(chunk)
        return Buffer.concat(chunks).toString('utf8')
      },
    })
  }

  // Files come from the host that the machine runs on; what a trusted vCenter says of its certificate is trusted as well.
  async #thumbprintOfHost(): Promise<string | undefined> {
    const host = refIn((await this.vcenter.read(this.machine, ['runtime.host'])).values.get('runtime.host'))
    if (host === undefined) return undefined
    const { values } = await this.vcenter.read(host, ['summary.config.sslThumbprint'])
    return values.get('summary.config.sslThumbprint')?.text.trim().toUpperCase() || undefined
  }

  /** undefined: it runs. */
  async #exitCode(pid: number): Promise<number | undefined> {
    const { processes } = await this.#found()
    const answer = await this.#ask(processes, 'ListProcessesInGuest', [['pids', pid]])
    const own = allOf(answer, 'returnval').find((one) => numberAt(one, 'pid') === pid)
    if (own === undefined) {
      // Tools that were started anew know nothing of it.
      const details = { machine: this.name, what: 'tell of a program', reason: 'it knows it no longer' }
      throw fault('vsphere.guest_failed', { details, effect: 'unknown' })
    }
    return at(own, 'endTime') === undefined ? undefined : (numberAt(own, 'exitCode') ?? -1)
  }

  async #terminate(pid: number): Promise<void> {
    const { processes } = await this.#found()
    await this.#ask(processes, 'TerminateProcessInGuest', [['pid', pid]]).catch((thrown: unknown) => {
      this.vcenter.log.debug(`a program in the guest of ${this.name} could not be ended: ${asFault(thrown).code}`)
    })
  }

  #ask(manager: Ref, method: string, args: readonly Field[]): Promise<Element> {
    const { username, password } = this.login
    const who: readonly Field[] = [
      ['vm', this.machine],
      [
        'auth',
        struct(
          [
            ['interactiveSession', false],
            ['username', username],
            ['password', password.reveal()],
          ],
          'NamePasswordAuthentication',
        ),
      ],
    ]
    return this.vcenter.call(manager, method, [...who, ...args], this.machine.id)
  }

  #found(): Promise<{ readonly processes: Ref; readonly files: Ref }> {
    this.#managers ??= this.#find().catch((thrown: unknown) => {
      this.#managers = undefined
      throw thrown
    })
    return this.#managers
  }

  async #find(): Promise<{ readonly processes: Ref; readonly files: Ref }> {
    const manager = await this.vcenter.manager('guestOperationsManager')
    const { values } = await this.vcenter.read(manager, ['processManager', 'fileManager'])
    const refAt = (name: string): Ref => {
      const ref = refIn(values.get(name))
      if (ref === undefined) throw badAnswer(this.#call('RetrievePropertiesEx'), `it has no ${name} of guests`, 'none')
      return ref
    }
    return { processes: refAt('processManager'), files: refAt('fileManager') }
  }

  #call(method: string) {
    return { name: `${method} ${this.machine.id}`, isRead: false, origin: this.vcenter.origin }
  }
}

interface RunOptions {
  /** What it does, for people: `take a deadman in`. */
  readonly what: string
  readonly patience: Duration
  /** Whether it is ended when it takes longer. */
  readonly ends: boolean
}

// A question that was lost on its way may be asked again.
function isPassing(thrown: unknown): boolean {
  return (
    thrown instanceof Fault &&
    thrown.effect === 'none' &&
    (thrown.blame === 'network' ||
      ['vsphere.no_answer', 'vsphere.failed', 'vsphere.busy', 'vsphere.throttled'].includes(thrown.code))
  )
}
