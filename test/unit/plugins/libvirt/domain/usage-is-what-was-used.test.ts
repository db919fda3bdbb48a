// Claim: shares of CPU are those of the time that passed, counted once; memory is what was given and what is in use; what
// a domain does not tell is not made up.
import { expect } from 'chai'
import { usageBetween, type Counters, type Figures } from '../../../../../src/plugins/libvirt/domain/usage.ts'

const GiB = 1024 * 1024

function counters(cpuSeconds: number, more: Counters = {}): Counters {
  return { 'cpu.time': BigInt(Math.round(cpuSeconds * 1e9)), 'vcpu.current': 4, ...more }
}

function between(before: Counters, after: Counters, passed = 1000): Figures {
  return usageBetween({ at: 5000, counters: before }, { at: 5000 + passed, counters: after })
}

describe('usage is what was used', () => {
  it('one of four CPUs busy for the whole second is 100 % of a core and 25 % of what it has', () => {
    // The original added user and system time to the time that contains both: 200 %.
    const more = { 'cpu.user': 900_000_000n, 'cpu.system': 100_000_000n }
    const figures = between(counters(10), counters(11, more))
    expect(figures['cpu']).to.deep.equal({ value: 100, unit: '%' })
    expect(figures['cpu_of_vcpus']).to.deep.equal({ value: 25, unit: '%' })
    expect(figures['cpu_time']).to.deep.equal({ value: 11, unit: 's' })
  })

  it('the time that really passed counts, not the one that was asked for', () => {
    expect(between(counters(10), counters(11), 4000)['cpu']).to.deep.equal({ value: 25, unit: '%' })
  })

  it('a restart in between does not make it negative', () => {
    expect(between(counters(100), counters(0.5))['cpu']).to.deep.equal({ value: 50, unit: '%' })
  })

  it('memory in use is not the memory that was given', () => {
    const balloon = {
      'balloon.current': BigInt(2 * GiB),
      'balloon.available': BigInt(2 * GiB - 1024),
      'balloon.unused': BigInt(GiB / 2),
      'balloon.usable': BigInt(GiB),
      'balloon.rss': BigInt(GiB),
    }
    const figures = between(counters(1), counters(1, balloon))
    expect(figures['memory']).to.deep.equal({ value: 2048, unit: 'MiB' })
    expect(figures['memory_used']).to.deep.equal({ value: 1023, unit: 'MiB' })
    expect(figures['memory_resident']).to.deep.equal({ value: 1024, unit: 'MiB' })
    expect(between(counters(1), counters(1, { 'balloon.current': 1024n }))).to.not.have.property('memory_used')
  })

  it('each disk and interface is counted once, under its name', () => {
    const figures = between(
      counters(1),
      counters(1, {
        'block.count': 3,
        'block.0.name': 'vda',
        'block.0.rd.bytes': 10n,
        'block.0.wr.bytes': 20n,
        'block.1.name': 'vda',
        'block.1.rd.bytes': 999n,
        'block.2.name': 'vdb',
        'block.2.capacity': 4096n,
        'net.count': 1,
        'net.0.name': 'vnet0',
        'net.0.rx.bytes': 7n,
      }),
    )
    expect(figures['disks']).to.deep.equal({
      vda: { read: { value: 10, unit: 'bytes' }, written: { value: 20, unit: 'bytes' } },
      vdb: { capacity: { value: 4096, unit: 'bytes' } },
    })
    expect(figures['interfaces']).to.deep.equal({ vnet0: { received: { value: 7, unit: 'bytes' } } })
  })

  it('what a domain does not tell while a job holds it is not taken for nothing', () => {
    expect(between({ 'state.state': 1 }, { 'state.state': 1 })).to.deep.equal({ disks: {}, interfaces: {} })
  })

  it('a domain that is off uses nothing', () => {
    const figures = between({ 'state.state': 5 }, { 'state.state': 5 })
    expect(figures['cpu']).to.deep.equal({ value: 0, unit: '%' })
    expect(figures).to.not.have.any.keys('memory_used', 'cpu_time')
  })
})
