import { expect } from 'chai'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from '../../../../../src/kernel/secret.ts'
import { parseAddress } from '../../../../../src/plugins/ssh/client/address.ts'
import type { Target } from '../../../../../src/plugins/ssh/client/connection.ts'
import type { LocalAccount } from '../../../../../src/plugins/ssh/client/ssh-config.ts'
import { keySource, targetOf, type TargetSettings } from '../../../../../src/plugins/ssh/client/target.ts'
import { temporaryFolder, type TemporaryFolder } from '../../../../support/folder.ts'
import { faultOf } from '../../../../support/fault-of.ts'

interface Site extends AsyncDisposable {
  readonly account: LocalAccount
  of(settings: TargetSettings): Promise<Target>
}

/** Somebody whose home has these files; `config` is the one that is read. */
async function site(files: Readonly<Record<string, string>>, agent?: string): Promise<Site> {
  const folder: TemporaryFolder = await temporaryFolder()
  const account = { user: 'me', home: folder.path, agent, configs: [join(folder.path, '.ssh/config')] }
  for (const [name, text] of Object.entries({ '.ssh/config': '', ...files })) {
    await mkdir(join(folder.path, name, '..'), { recursive: true })
    await writeFile(join(folder.path, name), text)
  }
  return {
    account,
    of: (settings) => targetOf(settings, account),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

const where = ({ user, host, port }: Target): string => `${user}@${host}:${port}`

describe('ssh: what is not said of a host', () => {
  it('is as ssh would have it when no file says more', async () => {
    await using my = await site({ '.ssh/id_rsa': 'a key', '.ssh/id_ed25519': 'another' }, '/run/agent')
    const target = await my.of({ host: 'db' })
    expect(where(target)).to.equal('me@db:22')
    const paths = ['.ssh/id_ed25519', '.ssh/id_rsa'].map((name) => join(my.account.home, name))
    expect(target.auth).to.deep.equal({ keys: paths.map((key) => ({ key, isOptional: true })), agent: '/run/agent' })
    expect(target.hostKeys.knownHosts[0]).to.equal(join(my.account.home, '.ssh/known_hosts'))
    expect([target.hostKeys.trust, target.jumps]).to.deep.equal(['known', []])
  })

  it('comes from the file: the first value wins, keys add up, names are spelled as in any case', async () => {
    await using my = await site({
      '.ssh/config': [
        'Host db !db9',
        '  hostname = %h.example.org',
        '  IdentityFile "~/my keys/%r"',
        'Host *',
        '  HostName other',
        '  USER admin',
        '  Port 2222',
        '  IdentityFile %d/second',
        '  UserKnownHostsFile ~/a ~/b',
        '  StrictHostKeyChecking accept-new',
        '  ConnectTimeout 7',
        '  ServerAliveInterval 9',
      ].join('\n'),
      'my keys/admin': 'a key',
      second: 'a key',
    })
    const target = await my.of({ host: 'db' })
    const home = my.account.home
    expect(where(target)).to.equal('admin@db.example.org:2222')
    expect(target.auth.keys.map(({ key }) => key)).to.deep.equal([join(home, 'my keys/admin'), join(home, 'second')])
    expect(target.hostKeys.knownHosts.slice(0, 2)).to.deep.equal([join(home, 'a'), join(home, 'b')])
    expect([target.hostKeys.trust, target.connectTimeout, target.keepalive]).to.deep.equal(['first-use', 7000, 9000])
    expect(where(await my.of({ host: 'db', user: 'root', port: 22 }))).to.equal('root@db.example.org:22')
  })

  it('is overruled by what is said: keys, a password, known keys, no jump', async () => {
    await using my = await site(
      { '.ssh/config': 'Host *\n ProxyJump gate\n IdentityFile ~/found', found: 'a key' },
      '/run/agent',
    )
    const password = new Secret('planted')
    const target = await my.of({ host: 'db', password, jumps: [], knownHosts: ['k'], hostKeys: ['SHA256:x'] })
    expect(target.auth).to.deep.equal({ keys: [], password })
    expect(target.jumps).to.deep.equal([])
    expect(target.hostKeys).to.deep.equal({ knownHosts: ['k'], pinned: ['SHA256:x'], trust: 'known' })
  })

  it('has its jumps, each as the file knows it, outermost first', async () => {
    await using my = await site({
      '.ssh/config': [
        'Host db',
        '  ProxyJump inner,ops@last:2022',
        'Host inner',
        '  HostName 10.0.0.1',
        '  ProxyJump gate',
        'Host gate',
        '  User door',
        'Host last',
        '  ProxyJump nobody-asks-for-this',
      ].join('\n'),
    })
    const target = await my.of({ host: 'db' })
    expect(target.jumps.map(where)).to.deep.equal(['door@gate:22', 'me@10.0.0.1:22', 'ops@last:2022'])
    const said = await my.of({ host: 'db', jumps: ['a:1', { host: 'gate' }] })
    expect(said.jumps.map(where)).to.deep.equal(['me@a:1', 'door@gate:22'])
  })

  it('may stand in files that are included, for the hosts of that place alone', async () => {
    await using my = await site({
      '.ssh/config': 'Include conf.d/*.conf not-there\nHost web\n Include only-web\nHost *\n User last',
      '.ssh/conf.d/1.conf': 'Host db\n User first',
      '.ssh/conf.d/2.conf': 'Host db\n User second\n Port 2',
      '.ssh/only-web': 'Host *\n Port 99',
    })
    expect(where(await my.of({ host: 'db' }))).to.equal('first@db:2')
    expect(where(await my.of({ host: 'web' }))).to.equal('last@web:99')
    expect(where(await my.of({ host: 'mail' }))).to.equal('last@mail:22')
  })

  it('is read again when a file changed, or a new one is included', async () => {
    await using my = await site({ '.ssh/config': 'Include conf.d/*\n', '.ssh/conf.d/1': 'Port 1' })
    expect((await my.of({ host: 'db' })).port).to.equal(1)
    await writeFile(join(my.account.home, '.ssh/conf.d/0'), 'Port 7')
    expect((await my.of({ host: 'db' })).port).to.equal(7)
    await writeFile(join(my.account.home, '.ssh/config'), 'Port 99')
    expect((await my.of({ host: 'db' })).port).to.equal(99)
  })

  it('is found among thousands of hosts, for each of them, without reading it anew', async () => {
    const names = Array.from({ length: 2000 }, (_, index) => `h${index}`)
    const text = names.map((name, index) => `Host ${name}\n HostName 10.0.${index >> 8}.${index & 255}`).join('\n')
    await using my = await site({ '.ssh/config': text })
    const begun = process.cpuUsage()
    const targets = await Promise.all(names.map((host) => my.of({ host, keys: [] })))
    expect(targets.at(-1)?.host).to.equal('10.0.7.207')
    // Reading it for each would take a minute.
    expect(process.cpuUsage(begun).user / 1e6).to.be.lessThan(15)
  })

  it('may depend on Match, but nothing is run for that', async () => {
    await using my = await site({
      '.ssh/config': [
        'Match host db,d? user root',
        '  Port 1',
        'Match exec "touch /tmp/fermata-was-run"',
        '  Port 2',
        'Match !localuser me',
        '  Port 3',
        'Match all',
        '  Port 4',
      ].join('\n'),
    })
    expect((await my.of({ host: 'db', user: 'root' })).port).to.equal(1)
    expect((await my.of({ host: 'db' })).port).to.equal(4)
  })

  it('is refused where only a command could reach the host', async () => {
    await using my = await site({ '.ssh/config': 'Host *\n ProxyCommand nc %h %p' })
    const fault = await faultOf(my.of({ host: 'db' }))
    expect([fault.code, fault.blame]).to.deep.equal(['ssh.bad_config', 'user'])
    expect(fault.message).to.include('nc %h %p')
    expect((await my.of({ host: 'db', jumps: [] })).jumps).to.deep.equal([])
  })

  it('is refused when it goes in a circle', async () => {
    await using jumps = await site({ '.ssh/config': 'Host a\n ProxyJump b\nHost b\n ProxyJump a' })
    expect((await faultOf(jumps.of({ host: 'a' }))).code).to.equal('ssh.bad_config')
    await using files = await site({ '.ssh/config': 'Include config' })
    expect((await faultOf(files.of({ host: 'a' }))).code).to.equal('ssh.bad_config')
    await using broken = await site({ '.ssh/config': 'Host "a' })
    expect((await faultOf(broken.of({ host: 'a' }))).code).to.equal('ssh.bad_config')
  })

  it('keeps the agent out when it is told to', async () => {
    await using only = await site({ '.ssh/config': 'IdentitiesOnly yes' }, '/run/agent')
    expect((await only.of({ host: 'a' })).auth.agent).to.equal(undefined)
    await using none = await site({ '.ssh/config': 'IdentityAgent none' }, '/run/agent')
    expect((await none.of({ host: 'a' })).auth.agent).to.equal(undefined)
    expect((await none.of({ host: 'a', agent: '/mine' })).auth.agent).to.equal('/mine')
  })
})

describe('ssh: an address', () => {
  const good: Readonly<Record<string, object>> = {
    host: { host: 'host' },
    'me@host:2022': { host: 'host', port: 2022, user: 'me' },
    '[::1]:22': { host: '::1', port: 22 },
    'fe80::1%eth0': { host: 'fe80::1%eth0' },
    'ssh://me@host:1/': { host: 'host', port: 1, user: 'me' },
    'me@10.0.0.1': { host: '10.0.0.1', user: 'me' },
  }
  for (const [text, expected] of Object.entries(good)) {
    it(`is read: ${text}`, () => expect(parseAddress(text)).to.deep.equal(expected))
  }

  for (const text of ['', ' ', 'a b', '-oProxyCommand=x', 'me@-x', 'host:0', 'host:70000', 'host:x', 'a@', 'host/x']) {
    it(`is refused: '${text}'`, () => expect(() => parseAddress(text)).to.throw('is no address'))
  }
})

describe('ssh: a key', () => {
  it('is its content or the path of its file', () => {
    expect(keySource('/a/key')).to.deep.equal({ key: '/a/key' })
    expect(keySource(new Secret('/a/key'))).to.deep.equal({ key: '/a/key' })
    const text = '-----BEGIN OPENSSH PRIVATE KEY-----\nx'
    const { key } = keySource(text)
    expect(key).to.be.instanceOf(Secret)
    expect((key as Secret).reveal()).to.equal(text)
  })
})
