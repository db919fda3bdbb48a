import { expect } from 'chai'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { isAlive, thisProcess } from '../../../src/engine/process-identity.ts'

const self = thisProcess()

describe('a process', () => {
  it('is alive as long as it runs', async () => {
    expect(isAlive(self)).to.equal(true)
    expect(isAlive(JSON.parse(JSON.stringify(self)) as typeof self)).to.equal(true)
  })

  it('is dead once it has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'])
    await once(child, 'spawn')
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
    const identity = { ...self, pid: child.pid ?? 0, start }
    expect(isAlive(identity)).to.equal(true)
    child.kill('SIGSTOP')
    expect(isAlive(identity)).to.equal(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isAlive(identity)).to.equal(false)
  })

  it('is not another one that was given its number', () => {
    expect(isAlive({ ...self, start: '1' })).to.equal(false)
    expect(isAlive({ ...self, start: null })).to.equal(false)
  })

  it('is dead after the next boot, whatever has its number now', () => {
    expect(isAlive({ ...self, boot: 'earlier' })).to.equal(false)
  })

  it('is taken for alive when only another host can tell', () => {
    expect(isAlive({ ...self, host: 'elsewhere.example', pid: 1, start: '1', boot: 'other' })).to.equal(true)
  })

  it('is dead when nobody has its number', () => {
    expect(isAlive({ ...self, pid: 4_194_305, start: '1' })).to.equal(false)
    expect(isAlive({ ...self, pid: 4_194_305, start: null })).to.equal(false)
  })

  it('is dead as a zombie', async () => {
    // The parent becomes a program that waits for nobody before its child is killed.
    const parent = spawn('sh', ['-c', 'tail -f /dev/null & echo $!; exec tail -f /dev/null'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(line.toString().trim())
    const fields = (): string[] => {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    }
    const until = async (isSo: () => boolean): Promise<void> => {
      while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
    }
    try {
      await until(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8').trim() === 'tail')
      process.kill(pid, 'SIGKILL')
      await until(() => fields()[0] === 'Z')
      expect(isAlive({ ...self, pid, start: fields()[19] ?? null })).to.equal(false)
    } finally {
      parent.kill('SIGKILL')
      await once(parent, 'exit')
    }
  })

  it('tells the system from which it was started apart by its clock of now', () => {
    const { stdout } = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { thisProcess } from ${JSON.stringify(new URL('../../../src/engine/process-identity.ts', import.meta.url).href)}; console.log(JSON.stringify(thisProcess()))`,
      ],
      { encoding: 'utf8' },
    )
    const other = JSON.parse(stdout) as typeof self
    expect([other.host, other.boot]).to.deep.equal([self.host, self.boot])
    expect(other.pid).not.to.equal(self.pid)
    expect(isAlive(other)).to.equal(false)
  })
})
