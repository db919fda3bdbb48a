import { expect } from 'chai'
import { createHmac } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostKeyPolicy } from '../../../../../src/plugins/ssh/client/connection.ts'
import { fingerprint } from '../../../../../src/plugins/ssh/client/known-hosts.ts'
import { temporaryFolder, type TemporaryFolder } from '../../../../support/folder.ts'
import { newKey, sshServer, type KeyPair, type SshServer } from '../../../../support/ssh-server.ts'
import { pooled, usual } from './connected.ts'
import { faultOf } from '../../../../support/fault-of.ts'

const bare = (key: KeyPair): string => key.public.split(' ').slice(0, 2).join(' ')
const blob = (key: KeyPair): Buffer => Buffer.from(key.public.split(' ')[1] ?? '', 'base64')

function hashed(name: string): string {
  const salt = Buffer.from('01234567890123456789')
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

/** Connects once with this policy: what happened. */
async function meet(server: SshServer, policy: Partial<HostKeyPolicy>): Promise<string> {
  await using pool = pooled()
  const hostKeys: HostKeyPolicy = { knownHosts: [], pinned: [], trust: 'known', ...policy }
  return await pool.connect(server.target({ hostKeys }), usual).then(
    () => 'let in',
    (problem: { code?: string }) => problem.code ?? String(problem),
  )
}

async function known(folder: TemporaryFolder, ...lines: readonly string[]): Promise<Partial<HostKeyPolicy>> {
  const path = join(folder.path, 'known_hosts')
  await writeFile(path, lines.join('\n'))
  return { knownHosts: [path] }
}

describe('ssh: the key of a host', () => {
  it('that nobody knows is refused, and nothing of us is shown to it', async () => {
    await using folder = await temporaryFolder()
    await using server = await sshServer()
    expect(await meet(server, await known(folder))).to.equal('ssh.unknown_host_key')
    expect(await meet(server, { knownHosts: [join(folder.path, 'not-there')] })).to.equal('ssh.unknown_host_key')
    expect(server.attempts).to.deep.equal([])
  })

  it('that is known lets us in: by name and port, hashed, by a pattern', async () => {
    await using folder = await temporaryFolder()
    await using server = await sshServer()
    const key = bare(server.hostKey)
    const name = `[127.0.0.1]:${server.port}`
    for (const names of [name, `other,${name}`, hashed(name), `[127.0.0.?]:*`]) {
      expect(await meet(server, await known(folder, '# a remark', `${names} ${key} remark`)), names).to.equal('let in')
    }
    // Without its port it is another server.
    expect(await meet(server, await known(folder, `127.0.0.1 ${key}`))).to.equal('ssh.unknown_host_key')
    expect(await meet(server, await known(folder, `!${name},[127.0.0.?]:* ${key}`))).to.equal('ssh.unknown_host_key')
  })

  it('that changed is refused, also by who trusts on first use', async () => {
    await using folder = await temporaryFolder()
    await using server = await sshServer()
    const file = await known(folder, `[127.0.0.1]:${server.port} ${bare(newKey())}`)
    expect(await meet(server, file)).to.equal('ssh.host_key_changed')
    expect(await meet(server, { ...file, trust: 'first-use' })).to.equal('ssh.host_key_changed')
    expect(server.attempts).to.deep.equal([])
  })

  it('is recorded by who trusts on first use, and must stay the same from then on', async () => {
    await using folder = await temporaryFolder()
    const file = await known(folder, 'a-line-without-an-end ssh-ed25519 AAAA')
    await using server = await sshServer()
    expect(await meet(server, { ...file, trust: 'first-use' })).to.equal('let in')
    expect(await readFile(join(folder.path, 'known_hosts'), 'utf8')).to.match(
      /\n\[127\.0\.0\.1\]:\d+ ssh-ed25519 \S+\n$/,
    )
    expect(await meet(server, file)).to.equal('let in')
  })

  it('that was revoked is refused whatever else is known', async () => {
    await using folder = await temporaryFolder()
    await using server = await sshServer()
    const name = `[127.0.0.1]:${server.port}`
    const lines = [`${name} ${bare(server.hostKey)}`, `@revoked * ${bare(server.hostKey)}`]
    expect(await meet(server, { ...(await known(folder, ...lines)), trust: 'first-use' })).to.equal(
      'ssh.host_key_changed',
    )
  })

  it('that only an authority could vouch for is refused, and it is said why', async () => {
    await using folder = await temporaryFolder()
    await using server = await sshServer()
    const file = await known(folder, `@cert-authority * ${bare(newKey())}`)
    expect(await meet(server, { ...file, trust: 'first-use' })).to.equal('ssh.host_certificate')
  })

  it('may be pinned as a key or a fingerprint; nothing else counts then', async () => {
    await using folder = await temporaryFolder()
    await using server = await sshServer()
    const file = await known(folder, `[127.0.0.1]:${server.port} ${bare(server.hostKey)}`)
    expect(await meet(server, { pinned: [server.hostKey.public] })).to.equal('let in')
    expect(await meet(server, { pinned: ['SHA256:no', fingerprint(blob(server.hostKey))] })).to.equal('let in')
    expect(await meet(server, { ...file, pinned: [newKey().public] })).to.equal('ssh.host_key_changed')
  })

  it('is asked for in the type that is known, of several that a host has', async () => {
    await using folder = await temporaryFolder()
    const [rsa, ed25519] = [newKey('rsa'), newKey()]
    await using server = await sshServer({ hostKeys: [ed25519, rsa] })
    const name = `[127.0.0.1]:${server.port}`
    expect(await meet(server, await known(folder, `${name} ${bare(rsa)}`))).to.equal('let in')
    expect(await meet(server, await known(folder, `${name} ${bare(ed25519)}`))).to.equal('let in')
    expect(
      await meet(server, await known(folder, `${name} sk-ssh-ed25519@openssh.com AAAA`, `${name} ${bare(rsa)}`)),
    ).to.equal('let in')
  })

  it('shows its fingerprint to who has to decide', async () => {
    await using server = await sshServer()
    await using pool = pooled()
    const hostKeys: HostKeyPolicy = { knownHosts: [], pinned: [], trust: 'known' }
    const fault = await faultOf(pool.connect(server.target({ hostKeys }), usual))
    expect(fault.message).to.include(fingerprint(blob(server.hostKey)))
    expect([fault.effect, fault.retry, fault.blame]).to.deep.equal(['none', 'never', 'user'])
  })

  it('is not decided by a file that cannot be read', async () => {
    await using folder = await temporaryFolder()
    await using server = await sshServer()
    expect(await meet(server, { knownHosts: [folder.path], trust: 'first-use' })).to.equal('ssh.unreadable_file')
  })
})
