// Claim: the blueprint openstack-two-tier makes two servers and a volume, saves what one has sent and the other has kept as one,
// puts both back together, and goes without a trace.
import { expect } from 'chai'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { blueprintPath, openCliSite, type CliSite } from '../support/cli.ts'
import { fakeOpenstack, type FakeOpenstack } from '../support/openstack/fake-openstack.ts'

interface BackupJson {
  readonly status: string
  readonly partList: readonly { readonly instanceId: string; readonly consistency: string }[]
}

/** Sends records to its own disk, then to the other's volume; holds between two when it is told to. */
class Collector {
  readonly #server: Server
  readonly #timer: NodeJS.Timeout
  readonly #ask: (() => void)[] = []
  #isHeld = false
  #isUnderWay = false
  #count = 0

  constructor(send: (record: number) => void, keep: (record: number) => void) {
    this.#timer = setInterval(() => {
      if (this.#isUnderWay) keep(this.#count)
      else if (!this.#isHeld) send((this.#count += 1))
      else return
      this.#isUnderWay = !this.#isUnderWay
      if (!this.#isUnderWay && this.#isHeld) for (const answer of this.#ask.splice(0)) answer()
    }, 5)
    this.#server = createServer((socket) => {
      socket.on('error', () => socket.destroy())
      socket.on('data', (word) => {
        const isHold = word.toString().trim() === 'hold'
        this.#isHeld = isHold
        const answer = (): void => void socket.end(isHold ? 'held\n' : 'going\n')
        if (isHold && this.#isUnderWay) this.#ask.push(answer)
        else answer()
      })
    })
  }

  get count(): number {
    return this.#count
  }

  get isHeld(): boolean {
    return this.#isHeld
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    clearInterval(this.#timer)
    this.#server.close()
  }
}

describe('openstack-two-tier', function () {
  this.timeout(180_000)
  let cloud: FakeOpenstack
  let cli: CliSite
  let collector: Collector
  let hasDied = false
  before(async () => {
    cloud = await fakeOpenstack()
    cloud.addImage('debian-12', 'debian').visibility = 'public'
    cli = await openCliSite()
    const write = (name: string, device: string) => (record: number) => {
      const server = [...cloud.state.servers.values()].find((one) => one.name === name)
      if (!hasDied && server?.status === 'ACTIVE' && server.contents[device] !== undefined) {
        server.write(`record ${record}`, device)
      }
    }
    collector = new Collector(write('collector', 'vda'), write('records', 'vdb'))
    const port = await collector.listen()
    await cli.runWith({ input: cloud.clientConfig.password }, 'secrets', 'create', 'openstack_password')
    await cli.ok('blueprints', 'upload', '-b', 'two', blueprintPath('openstack-two-tier'))
    const inputs = {
      auth_url: cloud.authUrl,
      username: cloud.clientConfig.username,
      project_name: cloud.clientConfig.project_name,
      collector_address: '127.0.0.1',
      collector_port: port,
    }
    const given = Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`])
    await cli.ok('executions', 'start', 'install', '-b', 'two', ...given)
  })
  after(async () => {
    collector.close()
    await cli.close()
    await cloud.close()
  })
  const disks = () => ({
    sent: cloud.server('collector').contents['vda'],
    kept: cloud.server('records').contents['vdb'],
  })

  it('is installed', () => {
    expect(cloud.server('records').status).to.equal('ACTIVE')
    expect(cloud.volume('records').status).to.equal('in-use')
  })

  for (const [name, isSnapshot] of [
    ['monday', true],
    ['tuesday', false],
  ] as const) {
    const kind = isSnapshot ? 'snapshot' : 'full backup'
    const point = ['-p', `snapshot_name=${name}`, '-p', `snapshot_incremental=${isSnapshot}`]

    it(`is saved as a ${kind} in which nothing was under way, and comes back so`, async () => {
      hasDied = false
      await cli.ok('executions', 'start', 'backup', '-d', 'two', ...point)
      expect(collector.isHeld, 'the collector goes on').to.equal(false)
      const backup = await cli.json<BackupJson>('backups', 'get', name)
      expect(backup.status).to.equal('good')
      const parts = backup.partList.map(({ instanceId }) => instanceId.replace(/_\w{6}$/, ''))
      expect(parts).to.include.members(['collector_vm', 'records_vm', 'records_disk'])
      await cli.ok('backups', 'verify', name)
      const atBackup = collector.count
      hasDied = true
      cloud.server('collector').write('lost', 'vda')
      cloud.server('records').write('damaged', 'vdb')
      await cli.ok('executions', 'start', 'restore', '-d', 'two', ...point)
      const { sent, kept } = disks()
      expect(sent).to.match(/^record \d+$/)
      expect(kept).to.equal(sent)
      expect(Number(sent?.split(' ')[1])).to.be.at.most(atBackup)
      expect([cloud.server('collector').status, cloud.server('records').status]).to.deep.equal(['ACTIVE', 'ACTIVE'])
    })

    it(`leaves nothing of a ${kind} that is removed`, async () => {
      await cli.ok('executions', 'start', 'remove_backup', '-d', 'two', ...point)
      expect([cloud.state.snapshots.size, cloud.state.backups.size]).to.deep.equal([0, 0])
      expect([...cloud.state.images.values()].map((image) => image.name)).to.have.members(['cirros', 'debian-12'])
    })
  }

  it('is uninstalled without a trace', async () => {
    await cli.ok('executions', 'start', 'uninstall', '-d', 'two')
    expect([cloud.state.servers.size, cloud.state.volumes.size]).to.deep.equal([0, 0])
  })
})
