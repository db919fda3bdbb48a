// The script that a host is given runs here, on this machine, without a connection.
import { expect } from 'chai'
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readAnswer, type Answer } from '../../../../../src/plugins/ssh/fleet/answer.ts'
import { endLine, runScript, stopScript } from '../../../../../src/plugins/ssh/fleet/host-script.ts'
import { quoteCommand } from '../../../../../src/plugins/ssh/client/quote.ts'
import { eventually } from '../../../../support/cli.ts'

interface Asked {
  readonly name?: string
  readonly mode?: 'fresh' | 'again'
  readonly env?: string
  readonly asBytes?: boolean
  readonly session?: 'apart' | 'shared'
  readonly launch?: string
  readonly show?: number
  readonly age?: number
}

function sh(script: string, words: readonly string[], input: Buffer): Promise<{ code: number | null; stdout: Buffer }> {
  const child = spawn('sh', ['-c', `set -- ${quoteCommand(words)}\n${script}`], { stdio: ['pipe', 'pipe', 'inherit'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stdin.on('error', () => {}).end(input)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout: Buffer.concat(chunks) })))
}

async function ask(command: string, asked: Asked = {}): Promise<Answer> {
  const { mode = 'fresh', env = '', session = 'shared', launch = 'sh "$file"', show = 16_384, age = 0 } = asked
  const name = asked.name ?? newName()
  const end = `${endLine(name)}\n`
  const input = `${env === '' ? '' : `${env}\n${end}`}${command}${asked.asBytes ? '' : `\n${end}`}`
  const size = asked.asBytes ? Buffer.byteLength(command) : 0
  const words = [name, mode, age, show, 0, launch, session, env === '' ? '' : 'env', size].map(String)
  const { stdout } = await sh(runScript, words, Buffer.from(input))
  return readAnswer(stdout)
}

const names: string[] = []
const newName = (): string => {
  const name = `run-${randomBytes(16).toString('hex')}`
  names.push(name)
  return name
}

describe('ssh: a command of a fleet run, on its host', function () {
  this.timeout(20_000)
  let folder: string

  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'fermata-test-'))))
  afterEach(async () => {
    await rm(folder, { recursive: true })
    const known = names.splice(0).map((name) => `/{run,dev/shm,tmp}/fermata-fleet-*/${name}.*`)
    for await (const file of glob(known)) await rm(file)
  })

  const counting = (): string => `echo once >> ${folder}/count; echo said; echo wrong >&2; exit 3`
  const count = async (): Promise<number> => (await readFile(join(folder, 'count'), 'utf8')).split('\n').length - 1

  for (const [how, asked] of Object.entries({
    'as lines': {},
    'as bytes': { asBytes: true },
    'in a session of its own': { session: 'apart' },
  } as const)) {
    it(`tells its code and what it printed, when it came ${how}`, async () => {
      const answer = await ask(counting(), asked)
      expect(answer).to.deep.include({ state: 'ended', code: 3, stdout: 'said\n', stderr: 'wrong\n', ended: null })
      expect(answer).to.include({ stdoutBytes: 5, stderrBytes: 6 })
    })
  }

  it('runs once, whoever asks again and at the same time', async () => {
    const name = newName()
    const asked = [{ name }, { name, mode: 'again' }, { name, mode: 'again' }] as const
    const [first] = [await ask(counting(), asked[0])]
    const others = await Promise.all(asked.slice(1).map((one) => ask(counting(), one)))
    expect(others).to.deep.equal([first, first])
    expect(await count()).to.equal(1)
  })

  it('runs once when two begin it at once', async () => {
    const name = newName()
    const [left, right] = await Promise.all([1, 2].map(() => ask(counting(), { name, mode: 'again' })))
    expect(left).to.deep.equal(right)
    expect(await count()).to.equal(1)
  })

  it('keeps a MiB of each stream, shows its end, and counts the rest', async () => {
    const answer = await ask('head -c 3000000 /dev/zero; echo; printf end', { show: 10 })
    expect(answer.stdoutBytes).to.equal(3_000_004)
    expect(answer.stdout).to.equal('\0'.repeat(10))
    const short = await ask('printf "a\\0b\\n"; printf 1234567 >&2', { show: 5 })
    expect([short.stdout, short.stdoutBytes, short.stderr, short.stderrBytes]).to.deep.equal(['a\0b\n', 4, '34567', 7])
  })

  for (const [what, printed] of Object.entries({
    'bytes that are 0': 'a\\0b\\n\\0',
    'no end of its last line': 'one\\n two \\nthree\\\\',
    'letters of more than one byte': 'a\\303\\244\\n\\342\\202\\254',
    'empty lines alone': '\\n\\n',
  })) {
    it(`shows short output as it is: ${what}`, async () => {
      const { stdout, stderr, stdoutBytes } = await ask(`printf '${printed}'; printf '${printed}' >&2`)
      const expected = execFileSync('printf', [printed])
      expect([stdout, stderr]).to.deep.equal([expected.toString('utf8'), expected.toString('utf8')])
      expect(stdoutBytes).to.equal(expected.length)
    })
  }

  it('does not wait for what it left behind with its output', async () => {
    const answer = await ask('sleep 30 & echo $!')
    expect(answer).to.include({ state: 'ended', code: 0 })
    process.kill(Number(answer.stdout))
  })

  it('has an environment of its own and the umask of its user', async () => {
    const env = ['mode=fast', 'own=mine', 'limit=9', 'name=n'].map((one) => `export ${one}`).join('\n')
    const { stdout } = await ask('echo $mode $own $limit $name; umask', { env })
    const mask = process.umask().toString(8).padStart(4, '0')
    expect(stdout).to.equal(`fast mine 9 n\n${mask}\n`)
  })

  it('is not begun when it did not arrive whole', async () => {
    const name = newName()
    const words = [name, 'fresh', '1', '100', '0', 'sh "$file"', 'shared', '', '0']
    const { code } = await sh(`exec 2>/dev/null\n${runScript}`, words, Buffer.from(counting()))
    expect(code).to.equal(97)
    expect(existsSync(join(folder, 'count'))).to.equal(false)
  })

  it('that was cancelled is ended, and begins anew when it is asked for again', async () => {
    const name = newName()
    const begun = `echo once >> ${folder}/count; [ -e ${folder}/go ] || exec sleep 30`
    const waiting = ask(begun, { name })
    await eventually('it began', async () => existsSync(join(folder, 'count')))
    await sh(stopScript, [name], Buffer.alloc(0))
    expect(await waiting).to.include({ state: 'ended', ended: 'cancelled' })
    const again = await ask(counting(), { name, mode: 'again' })
    expect(again).to.include({ code: 3, ended: null })
  })

  it('that nobody knows on a host booted since is not begun again', async () => {
    expect(await ask(counting(), { mode: 'again', age: 1e9 })).to.include({ state: 'rebooted' })
    expect(existsSync(join(folder, 'count'))).to.equal(false)
  })
})
