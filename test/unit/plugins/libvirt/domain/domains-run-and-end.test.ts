// Claim: a start is over when the domain runs and can be reached, a stop when it is off; who does not listen is turned off
// after the time that was given; only what is ours is deleted, with everything that libvirt keeps beside it.
import { expect } from 'chai'
import { existsSync } from 'node:fs'
import { Fault } from '../../../../../src/kernel/fault.ts'
import { closeSharedHypervisors } from '../../../../../src/plugins/libvirt/client/shared-hypervisors.ts'
import { reboot, start } from '../../../../../src/plugins/libvirt/domain/start.ts'
import { performance } from '../../../../../src/plugins/libvirt/domain/statistics.ts'
import { remove, stop } from '../../../../../src/plugins/libvirt/domain/stop.ts'
import { update } from '../../../../../src/plugins/libvirt/domain/update.ts'
import { attributeAt, textAt } from '../../../../../src/plugins/libvirt/xml/element.ts'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'
import type { Domain } from '../../../../support/libvirt/model/domain.ts'
import { paused, running, shutOff } from '../../../../support/libvirt/model/states.ts'
import { domainContext, run, type NodeOnFake } from '../../../../support/libvirt/node-on-fake.ts'
import type { TestContext } from '../../../../support/operation-context.ts'

const mac = '52:54:00:00:00:07'
const description = `<domain type='qemu'><name>net</name><uuid>6e1a2b3c-0000-4000-8000-000000000007</uuid>
  <memory>65536</memory><vcpu>2</vcpu><devices><interface type='network'><mac address='${mac}'/><source network='lan'/></interface>
  <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel></devices></domain>`

describe('domains run and end', () => {
  let libvirtd: FakeLibvirtd
  const contexts: TestContext[] = []
  const context = (domain: string, more: NodeOnFake = {}): TestContext => {
    const made = domainContext(libvirtd, { domain, ...more })
    contexts.push(made)
    return made
  }
  const vm = (): Domain => libvirtd.domain('vm')
  const called = (name: string): number => libvirtd.calls.filter((one) => one === name).length
  async function refusal(work: Promise<unknown>): Promise<Fault> {
    const outcome = await work.catch((thrown: unknown) => thrown)
    expect(outcome, 'it was accepted').to.be.instanceOf(Fault)
    return outcome as Fault
  }

  beforeEach(async () => {
    libvirtd = await fakeLibvirtd({ domains: ['vm'], second: 10 })
  })
  afterEach(async () => {
    await closeSharedHypervisors()
    await Promise.all(contexts.splice(0).map((ctx) => ctx.cleanUp()))
    await libvirtd.close()
  })

  describe('start', () => {
    it('runs what is off, what is paused, and what runs already', async () => {
      const ctx = context('vm')
      for (const state of [shutOff, paused, running]) {
        vm().move(state, 1)
        await run(start, ctx)
        expect(vm().state).to.equal(running)
      }
    })

    it('that was cut off is found done by the next attempt', async () => {
      vm().move(shutOff, 1)
      libvirtd.faults.drop('DOMAIN_CREATE', 'after')
      const ctx = context('vm')
      expect((await refusal(run(start, ctx))).effect).to.equal('unknown')
      await run(start, ctx)
      expect(called('DOMAIN_CREATE')).to.equal(1)
    })

    it('waits for an address, and keeps it', async () => {
      libvirtd.addDomain({ name: 'net', xml: description, agent: 'absent', state: 'shut off' })
      const lan = libvirtd.host.networks.define(`<network><name>lan</name><bridge name='br9'/></network>`)
      libvirtd.faults.when(
        'DOMAIN_INTERFACE_ADDRESSES',
        'before',
        () => void (lan.leases = [{ mac, ip: '10.9.8.7' }]),
        { nth: 4 },
      )
      const ctx = context('net')
      await run(start, ctx)
      expect(ctx.instance.runtimeProperties['ip']).to.equal('10.9.8.7')
      expect(called('DOMAIN_INTERFACE_ADDRESSES')).to.be.greaterThan(3)
    })

    it('that shows no address in time says so, and needs none when none is wanted', async () => {
      libvirtd.addDomain({ name: 'net', xml: description, agent: 'absent' })
      const ctx = context('net', { properties: { start_timeout: 3 } })
      const { code, message } = await refusal(run(start, ctx))
      expect(code).to.equal('libvirt.no_address')
      expect(message).to.equal("domain 'net' has shown no address within 3.00 s")
      await run(start, context('net', { properties: { params: { wait_for_ip: false } } }))
    })

    it('one without an interface is not waited for', async () => {
      await run(start, context('vm'))
      expect(called('DOMAIN_INTERFACE_ADDRESSES')).to.equal(0)
    })
  })

  describe('reboot', () => {
    it('is over when the guest was reset', async () => {
      const ctx = context('vm')
      await run(reboot, ctx)
      expect([called('DOMAIN_REBOOT'), vm().state]).to.deep.equal([1, running])
    })

    it('one that powers off instead is started', async () => {
      libvirtd.faults.when('DOMAIN_REBOOT', 'before', () => vm().move(shutOff, 1))
      await run(reboot, context('vm'))
      expect(vm().state).to.equal(running)
      expect(called('DOMAIN_CREATE')).to.equal(1)
    })

    it('one that does not boot anew is not said to', async () => {
      libvirtd.faults.loseEvents('reboot')
      const { code } = await refusal(run(reboot, context('vm', { properties: { start_timeout: 5 } })))
      expect(code).to.equal('libvirt.not_reached')
    })
  })

  describe('stop', () => {
    it('lets the guest shut down by itself, also when it was paused', async () => {
      const ctx = context('vm')
      await run(stop, ctx)
      expect([vm().isActive, called('DOMAIN_DESTROY')]).to.deep.equal([false, 0])
      await run(start, ctx)
      vm().move(paused, 1)
      await run(stop, ctx)
      expect([vm().isActive, called('DOMAIN_DESTROY')]).to.deep.equal([false, 0])
    })

    it('turns off who does not listen, and says so; who hears nothing at first is asked again', async () => {
      vm().ignoresShutdown = true
      const ctx = context('vm', { properties: { stop_timeout: 30 } })
      await run(stop, ctx)
      expect([vm().isActive, called('DOMAIN_DESTROY')]).to.deep.equal([false, 1])
      expect(called('DOMAIN_SHUTDOWN_FLAGS')).to.be.greaterThan(2)
      expect(ctx.lines.join('\n')).to.contain('did not shut down within 30.00 s and is turned off')
    })

    it('that is given no time turns off at once', async () => {
      await run(stop, context('vm', { properties: { stop_timeout: 0 } }))
      expect([vm().isActive, called('DOMAIN_SHUTDOWN_FLAGS')]).to.deep.equal([false, 0])
    })

    it('one that crashed and was kept is turned off at once, by a start as well', async () => {
      const crashed = 6
      const ctx = context('vm')
      vm().move(crashed, 1)
      await run(stop, ctx)
      expect([vm().state, called('DOMAIN_DESTROY'), called('DOMAIN_SHUTDOWN_FLAGS')]).to.deep.equal([shutOff, 1, 0])
      vm().move(crashed, 1)
      await run(start, ctx)
      expect([vm().state, called('DOMAIN_DESTROY')]).to.deep.equal([running, 2])
    })

    it('of what is off, or gone, is done', async () => {
      const ctx = context('vm')
      await run(stop, ctx)
      await run(stop, ctx)
      libvirtd.host.undefine(vm(), 23)
      await run(stop, ctx)
    })
  })

  describe('delete', () => {
    it('takes away what libvirt keeps beside it, and leaves the disks', async () => {
      vm().snapshots.set('somebodys', {} as never)
      vm().checkpoints.set('somebodys', {} as never)
      const ctx = context('vm', { runtime: { ip: '10.0.0.1', stat: {} } })
      const [disk] = vm().disks()
      await run(remove, ctx)
      expect([...libvirtd.host.domains.values()]).to.deep.equal([])
      expect(ctx.instance.runtimeProperties).to.deep.equal({})
      expect(existsSync(disk?.path ?? '')).to.equal(true)
      await run(remove, ctx)
    })

    it('another one that came under its name meanwhile stays', async () => {
      const ctx = context('vm')
      await run(stop, ctx)
      libvirtd.host.undefine(vm(), 23)
      libvirtd.addDomain('vm')
      await run(stop, ctx)
      await run(remove, ctx)
      expect(vm().isActive).to.equal(true)
    })

    it('what is external, or was never made, is forgotten only', async () => {
      await run(remove, context('vm', { properties: { use_external_resource: true } }))
      const fresh = domainContext(libvirtd, { runtime: { resource_id: 'vm' } })
      contexts.push(fresh)
      await run(stop, fresh)
      await run(remove, fresh)
      expect(vm().isActive).to.equal(true)
    })
  })

  describe('update', () => {
    const size = (of: 'live' | 'config'): unknown => {
      const document = of === 'live' ? vm().document : vm().config
      return [
        textAt(document, 'currentMemory'),
        textAt(document, 'memory'),
        textAt(document, 'vcpu'),
        attributeAt(document, 'vcpu', 'current'),
      ]
    }

    it('less comes at once, more with the next start', async () => {
      const before = Number(textAt(vm().config, 'memory'))
      const ctx = context('vm')
      await run(update, ctx, { params: { memory_size: before / 2 } })
      expect(size('live')).to.deep.equal([String(before / 2), String(before), '1', undefined])
      await run(update, ctx, { params: { memory_size: before * 2, vcpu: 4 } })
      expect(size('live')).to.deep.equal([String(before / 2), String(before), '1', undefined])
      expect(size('config')).to.deep.equal([String(before * 2), String(before * 2), '4', undefined])
      expect(ctx.lines.join('\n')).to.contain('gets all of that with its next start')
    })

    it('what is so already is not set again', async () => {
      const ctx = context('vm')
      await run(update, ctx, { params: { memory_size: Number(textAt(vm().config, 'memory')), vcpu: 1 } })
      expect(called('DOMAIN_SET_MEMORY_FLAGS') + called('DOMAIN_SET_VCPUS_FLAGS')).to.equal(0)
    })
  })

  describe('statistics', () => {
    it('of one that runs are of the time between two looks, and kept', async () => {
      const ctx = context('vm')
      const result = (await run(performance, ctx)) as JsonObject
      expect(called('CONNECT_GET_ALL_DOMAIN_STATS')).to.equal(2)
      expect(result['cpu']).to.have.property('unit', '%')
      const stat = ctx.instance.runtimeProperties['stat'] as JsonObject
      expect(stat['cpu']).to.be.within(0, 1e6)
      expect(stat['memory']).to.be.greaterThan(0)
      expect(stat['disks']).to.have.property('vda')
    })

    it('of one that is off are nothing, and nobody waits for them', async () => {
      vm().move(shutOff, 1)
      const ctx = context('vm')
      const result = (await run(performance, ctx)) as JsonObject
      expect(result['cpu']).to.deep.equal({ value: 0, unit: '%' })
      expect(called('CONNECT_GET_ALL_DOMAIN_STATS')).to.equal(1)
    })

    it('of one that is gone are a fault', async () => {
      const ctx = context('vm')
      vm().move(shutOff, 1)
      libvirtd.host.undefine(vm(), 23)
      expect((await refusal(run(performance, ctx))).code).to.equal('libvirt.missing')
    })
  })
})
