import { expect } from 'chai'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Secret } from '../../../../../src/kernel/secret.ts'
import type { Target } from '../../../../../src/plugins/ssh/client/connection.ts'
import { temporaryFolder } from '../../../../support/folder.ts'
import { isKey, newKey, sshServer, type SshServer } from '../../../../support/ssh-server.ts'
import { pooled, usual } from './connected.ts'
import { faultOf } from '../../../../support/fault-of.ts'

const planted = 'planted-secret-3481'
const password = new Secret(planted)

async function login(server: SshServer, auth: Target['auth']): Promise<void> {
  await using pool = pooled()
  await pool.connect(server.target({ auth }), usual)
}

describe('ssh: logging in', () => {
  it('takes a key from its file, from a secret, with its passphrase', async () => {
    await using folder = await temporaryFolder()
    const [plain, locked] = [newKey(), newKey('ed25519', 'a passphrase')]
    await using server = await sshServer({
      login: (context) => context.method === 'publickey' && (isKey(context, plain) || isKey(context, locked)),
    })
    const path = join(folder.path, 'key')
    await writeFile(path, plain.private)
    await login(server, { keys: [{ key: path }] })
    await login(server, { keys: [{ key: new Secret(plain.private) }] })
    await login(server, { keys: [{ key: new Secret(locked.private), passphrase: new Secret('a passphrase') }] })
  })

  it('says which key cannot be used and why, without its text', async () => {
    await using folder = await temporaryFolder()
    await using server = await sshServer()
    const locked = newKey('ed25519', 'a passphrase')
    const files = { locked: locked.private, public: locked.public, nonsense: 'nonsense' }
    const messages: string[] = []
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder.path, name)
      await writeFile(path, text)
      const fault = await faultOf(login(server, { keys: [{ key: path }] }))
      expect(fault.code).to.equal('ssh.bad_key')
      expect(fault.message).to.include(path)
      messages.push(fault.message)
    }
    expect(messages[0]).to.include('passphrase')
    expect(messages[1]).to.include('public key')
    const wrong = { key: new Secret(locked.private), passphrase: password }
    const fault = await faultOf(login(server, { keys: [wrong] }))
    expect(fault.code).to.equal('ssh.bad_key')
    expect(JSON.stringify(fault)).not.to.include(planted)
    const missing = await faultOf(login(server, { keys: [{ key: join(folder.path, 'missing') }] }))
    expect(missing.code).to.equal('ssh.unreadable_file')
    expect(server.count.connections).to.equal(0)
  })

  it('leaves out a key that was only found, when it cannot be used', async () => {
    await using server = await sshServer()
    const locked = { key: new Secret(newKey('ed25519', 'a passphrase').private), isOptional: true }
    await login(server, { keys: [locked, { key: new Secret(server.userKey.private) }] })
    const fault = await faultOf(login(server, { keys: [locked] }))
    expect(fault.code).to.equal('ssh.refused')
    expect(fault.message).to.include('passphrase')
  })

  it('gives the password where it is taken, also at a prompt, and to no question whose answer can be seen', async () => {
    await using plain = await sshServer({
      logins: ['password'],
      login: (context) => context.method === 'password' && context.password === planted,
    })
    await login(plain, { keys: [], password })
    const answers: string[][] = []
    await using asking = await sshServer({
      logins: ['keyboard-interactive'],
      login: (context) => {
        if (context.method !== 'keyboard-interactive') return false
        context.prompt(
          [
            { prompt: 'Name:', echo: true },
            { prompt: 'Password:', echo: false },
          ],
          (given) => {
            answers.push(given as unknown as string[])
            context.accept()
          },
        )
        return undefined
      },
    })
    await login(asking, { keys: [], password }).catch(() => {})
    expect(answers[0]).to.deep.equal(['', planted])
  })

  it('does not send the password to a host that takes keys only, and says what was tried', async () => {
    await using server = await sshServer({ login: () => false, logins: ['publickey'] })
    const fault = await faultOf(login(server, { keys: [{ key: new Secret(server.userKey.private) }], password }))
    expect(server.attempts).to.deep.equal(['publickey'])
    expect([fault.code, fault.effect, fault.blame]).to.deep.equal(['ssh.refused', 'none', 'user'])
    expect(fault.message).to.include('tried key given as a secret; it takes publickey')
    expect(JSON.stringify(fault)).not.to.include(planted)
  })

  it('goes on when the agent is not there', async () => {
    await using folder = await temporaryFolder()
    await using server = await sshServer({
      logins: ['publickey', 'password'],
      login: (context) => context.method === 'password' && context.password === planted,
    })
    await login(server, { keys: [], agent: join(folder.path, 'no-agent'), password })
  })

  it('says that there is nothing to log in with', async () => {
    await using server = await sshServer()
    const fault = await faultOf(login(server, { keys: [] }))
    expect(fault.message).to.include('nothing to log in with')
  })
})

describe('ssh: connecting', () => {
  it('to a port where nobody listens is told as that', async () => {
    await using server = await sshServer()
    const target = server.target({ port: 1 })
    await using pool = pooled()
    const fault = await faultOf(pool.connect(target, usual))
    expect([fault.code, fault.effect, fault.retry]).to.deep.equal(['ssh.unreachable', 'none', 'later'])
    expect(fault.message).to.match(/someone@127\.0\.0\.1:1: .*ECONNREFUSED/)
  })

  it('to somebody who says nothing ends at its time, and leaves no socket', async () => {
    const sockets = new Set<unknown>()
    const ended = Promise.withResolvers<void>()
    const mute = createServer((socket) => {
      sockets.add(socket)
      socket
        .resume()
        .on('error', () => {})
        .on('close', () => ended.resolve())
    })
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    const { port } = mute.address() as { port: number }
    await using server = await sshServer()
    await using pool = pooled()
    const fault = await faultOf(pool.connect(server.target({ port, connectTimeout: 200 }), usual))
    expect(fault.message).to.include('no answer within 0.2 s')
    await ended.promise
    expect(sockets.size).to.equal(1)
    await new Promise<void>((resolve) => mute.close(() => resolve()))
  })

  it('to something that is no SSH server is told as that', async () => {
    const other = createServer(
      (socket) =>
        void socket
          .resume()
          .on('error', () => {})
          .end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    )
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    await using server = await sshServer()
    await using pool = pooled()
    const fault = await faultOf(pool.connect(server.target({ port, connectTimeout: 5000 }), usual))
    expect(fault.code).to.equal('ssh.unreachable')
    expect(fault.message).not.to.include('no answer within')
    await new Promise<void>((resolve) => other.close(() => resolve()))
  })

  it('ends when it is cancelled', async () => {
    await using server = await sshServer({ login: () => undefined })
    await using pool = pooled()
    const stop = new AbortController()
    const work = pool
      .connect(server.target(), { ...usual, signal: stop.signal })
      .catch((problem: Error) => problem.message)
    stop.abort(new Error('no longer wanted'))
    expect(await work).to.equal('no longer wanted')
  })
})
