import { expect } from 'chai'
import { Secret } from '../../../../../src/kernel/secret.ts'
import { quoteCommand } from '../../../../../src/plugins/ssh/client/quote.ts'
import { connected, signal } from './connected.ts'
import { faultOf } from '../../../../support/fault-of.ts'

const hostile = [
  '',
  ' ',
  "it's",
  '"',
  '$(touch /tmp/fermata-injected)',
  '`id`',
  '${HOME}',
  '\\',
  '\\\\n',
  "'\\''",
  'a\nb\n',
  '\t',
  '-rf',
  '--',
  '*',
  '~',
  '!!',
  '; exit 9',
  '&& false',
  '#',
  'naïve ✓ 漢',
  '\u0001\u007f',
  'a'.repeat(20_000),
]

describe('ssh: a command', () => {
  it('comes back with its output, its exit code, and both streams apart', async () => {
    await using site = await connected()
    const result = await site.connection.exec('echo out; echo err >&2; exit 7', { signal })
    expect(result.code).to.equal(7)
    expect(result.signal).to.equal(null)
    expect(result.stdout.toString()).to.equal('out\n')
    expect(result.stderr.toString()).to.equal('err\n')
  })

  it('never loses the exit code of a command that is over at once', async () => {
    await using site = await connected()
    const codes = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => (await site.connection.exec(`exit ${index}`, { signal })).code),
    )
    expect(codes).to.deep.equal(codes.map((_, index) => index))
  })

  it('that a signal ended says which', async () => {
    await using site = await connected()
    const result = await site.connection.exec('kill -KILL $$', { signal })
    expect([result.code, result.signal]).to.deep.equal([null, 'SIGKILL'])
  })

  it('meets hostile words as the words they are', async () => {
    await using site = await connected()
    const result = await site.connection.exec(['printf', '%s\\0', ...hostile], { signal })
    expect(result.stdout.toString().split('\0').slice(0, -1)).to.deep.equal(hostile)
  })

  it('has hostile values in its environment and its folder, none of them in the line for the shell', async () => {
    await using site = await connected()
    const env = Object.fromEntries(hostile.map((value, index) => [`VALUE_${index}`, value]))
    const line = hostile.map((_, index) => `printf '%s\\0' "$VALUE_${index}"`).join('; ')
    const planted = 'planted-secret-3481'
    const result = await site.connection.exec(`${line}; pwd; printf %s "$SECRET"; cat`, {
      signal,
      env: { ...env, SECRET: planted },
      cwd: '/usr',
      stdin: 'and input',
    })
    const [last = '', ...others] = result.stdout.toString().split('\0').toReversed()
    expect(others.toReversed()).to.deep.equal(hostile)
    expect(last).to.equal(`/usr\n${planted}and input`)
    expect(site.server.commands.join('\n')).not.to.include(planted)
  })

  it('does not begin in a folder that is not there', async () => {
    await using site = await connected()
    const result = await site.connection.exec('echo begun', { signal, cwd: '/not/there' })
    expect(result.code).not.to.equal(0)
    expect(result.stdout.toString()).to.equal('')
    expect(result.stderr.toString()).to.include('/not/there')
  })

  it('takes and gives every byte', async () => {
    await using site = await connected()
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256))
    const result = await site.connection.exec('cat; cat /dev/null', { signal, stdin: bytes })
    expect(result.stdout.equals(bytes)).to.equal(true)
  })

  it('may print more than is kept: the rest is counted', async () => {
    await using site = await connected()
    const length = 20_000_000
    const result = await site.connection.exec(`head -c ${length} /dev/zero; head -c 5000 /dev/zero >&2`, {
      signal,
      outputLimit: 1000,
    })
    expect([result.stdout.length, result.stdoutBytes]).to.deep.equal([1000, length])
    expect([result.stderr.length, result.stderrBytes]).to.deep.equal([1000, 5000])
  })

  it('tells its output as whole characters', async () => {
    await using site = await connected()
    const texts: string[] = []
    await site.connection.exec("printf '\\342\\234'; sleep 0.1; printf '\\223 done'; printf '\\377'", {
      signal,
      onOutput: (_stream, text) => texts.push(text),
    })
    expect(texts.join('')).to.equal('✓ done\ufffd')
  })

  it('that the server refuses has not happened', async () => {
    await using site = await connected({ exec: () => {} })
    site.server.drop()
    const fault = await faultOf(site.connection.exec('true', { signal }))
    expect(fault.code).to.be.oneOf(['ssh.connection_lost', 'ssh.channel_refused'])
  })

  it('whose end got lost with sshd is in doubt', async () => {
    await using site = await connected({ exec: (_command, accept) => void accept().close() })
    const fault = await faultOf(site.connection.exec('true', { signal }))
    expect([fault.code, fault.effect]).to.deep.equal(['ssh.connection_lost', 'unknown'])
  })

  it('over a connection that is lost in the middle is in doubt', async () => {
    await using site = await connected({
      exec: (_command, accept) => {
        accept().write('begun')
      },
    })
    const begun = Promise.withResolvers<void>()
    const work = faultOf(site.connection.exec('sleep 100', { signal, onOutput: () => begun.resolve() }))
    await begun.promise
    site.server.drop()
    const fault = await work
    expect([fault.code, fault.effect]).to.deep.equal(['ssh.connection_lost', 'unknown'])
  })

  it('says what sudo said when there is none', async () => {
    await using site = await connected({ env: { PATH: '/nowhere' } })
    const fault = await faultOf(
      site.connection.exec('true', { signal, sudo: { password: new Secret('planted-secret-3481') } }),
    )
    expect([fault.code, fault.effect]).to.deep.equal(['ssh.no_sudo', 'none'])
    expect(fault.message).to.include('sudo')
  })
})

describe('ssh: words for a shell', () => {
  it('are quoted only where they must be', () => {
    expect(quoteCommand(['ls', '-l', '/a b', "c'd"])).to.equal("ls -l '/a b' 'c'\\''d'")
  })

  it('cannot hold a NUL', () => {
    expect(() => quoteCommand(['a\0b'])).to.throw(RangeError)
  })
})
