// Claim: guests that stand still for a backup go on within the lease and two seconds when fermata is killed with SIGKILL, by
// themselves; and what carries the backup on thaws them at once, and has it in the end as if nothing had been.
import { expect } from 'chai'
import { refOf } from '../../../src/plugins/vsphere/machine/machine.ts'
import { describeGuests, guestUsers, labGuest, type LabGuest } from './guest-on-lab.ts'
import { calm, figure } from './lab.ts'
import { savedMachines, type SavedMachines } from './machines-that-are-saved.ts'

const count = 5
const rounds = 2
const tolerance = 2000
const inCut = { kind: 'call', name: 'CreateSnapshot_Task', ordinal: 1 } as const
const backup = (lease: string) => ({ workflow: 'backup', parameters: { snapshot_name: 'it', lease } })
const remove = { workflow: 'remove_backup', parameters: { snapshot_name: 'it' } }

describeGuests('lab: a vSphere backup that dies while guests stand still', function () {
  this.timeout(240_000)
  afterEach(calm)

  async function guestsOf({ fermata }: SavedMachines): Promise<readonly LabGuest[]> {
    const instances = await fermata.nodeInstances.list('shop')
    const ids = instances.map(({ runtimeProperties }) => String(runtimeProperties['vsphere_server_id']))
    return Promise.all(ids.map((id) => labGuest(refOf(id))))
  }

  /** By the guest's own clock, from the arming to the end of the thaw; waits for that, which nobody but the guest knows. */
  async function heldFor(guest: LabGuest): Promise<number> {
    const marker = await guest.sh(
      'cd /dev/shm/fermata-0/*/*/ && while [ ! -e outcome ]; do sleep 0.05; done; cat fired outcome',
    )
    const [[, , begun = NaN] = [], [, end = NaN, code = NaN] = []] = marker
      .split('\n')
      .map((line) => line.split(' ').map(Number))
    expect(code, marker).to.equal(0)
    return (end - begun) * 10
  }

  async function carriedOn(site: SavedMachines, guests: readonly LabGuest[]): Promise<void> {
    const { status, error } = await site.resume()
    expect(status, JSON.stringify(error)).to.equal('terminated')
    for (const guest of guests) expect(await guest.isFrozen()).to.equal(false)
    const { partList } = await site.fermata.backups.get('it', { deploymentId: 'shop' })
    expect(partList.map(({ consistency }) => consistency)).to.eql(guests.map(() => 'filesystem'))
    await site.succeed(remove)
  }

  it('leaves them to their deadmen, and is carried on', async () => {
    await using site = await savedMachines(count, { guest_credentials: guestUsers.root })
    const guests = await guestsOf(site)
    const lease = 8000
    const held: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      expect(await site.killed(backup(`${lease}ms`), inCut)).to.equal(true)
      held.push(...(await Promise.all(guests.map(heldFor))))
      for (const guest of guests) expect(await guest.isFrozen()).to.equal(false)
      await carriedOn(site, guests)
    }
    const late = held.filter((length) => length > lease + tolerance)
    figure(
      `vsphere: fermata killed while guests stood still: ${held.length - late.length} of ${held.length} went on within lease + 2 s; lease ${lease} ms, longest ${Math.max(...held)} ms`,
    )
    expect(late).to.eql([])
    expect(Math.min(...held)).to.be.at.least(lease)
    for (const guest of guests) await guest[Symbol.asyncDispose]()
  })

  it('has them thawed by whoever carries it on before their leases end', async () => {
    await using site = await savedMachines(1, { guest_credentials: guestUsers.root })
    const guests = await guestsOf(site)
    expect(await site.killed(backup('120s'), inCut)).to.equal(true)
    for (const guest of guests) expect(await guest.isFrozen()).to.equal(true)
    await carriedOn(site, guests)
    for (const guest of guests) {
      expect(await guest.sh('find /dev/shm -type f ! -name current')).to.equal('')
      await guest[Symbol.asyncDispose]()
    }
  })
})
