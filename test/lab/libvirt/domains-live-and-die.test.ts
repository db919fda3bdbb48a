// Claim: a blueprint's domain is defined, started, suspended in both ways, measured, updated and deleted by fermata on a
// real hypervisor; what was there before, or belongs to others, is left as it was.
import { expect } from 'chai'
import { copyFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExecutionDetails, Fermata } from '../../../src/engine/api.ts'
import { openFermata } from '../../../src/engine/open.ts'
import type { Json, JsonObject } from '../../../src/kernel/json.ts'
import { attributeAt, textAt } from '../../../src/plugins/libvirt/xml/element.ts'
import { parseXml } from '../../../src/plugins/libvirt/xml/parse.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { temporaryFolder, type TemporaryFolder } from '../../support/folder.ts'
import { expectKeptPromises } from '../../support/kept-promises.ts'
import { agent, inGuest, labUri, poolFolder, state, virsh } from './lab.ts'

const name = `fermata-life-${process.pid}`
const disks = ['a', 'b'].map((letter) => join(poolFolder, `${name}-${letter}.qcow2`))

/** As the lab's own guests: a kernel that is booted straight, and two file systems. */
async function params(): Promise<JsonObject> {
  const lab1 = parseXml(await virsh('dumpxml', '--inactive', 'lab1'))
  const text = (path: string): string => textAt(lab1, path) ?? ''
  return {
    name,
    memory_size: 98_304,
    memory_maxsize: 131_072,
    domain_type: lab1.attributes['type'] ?? 'qemu',
    machine: 'q35',
    kernel: text('os/kernel'),
    initrd: text('os/initrd'),
    cmdline: text('os/cmdline').replace('lab.name=lab1', `lab.name=${name}`),
    disks: disks.map((file) => ({ file })),
    networks: [{ network: attributeAt(lab1, 'devices/interface/source', 'network') ?? 'labnet' }],
  }
}

describe('domains live and die', function () {
  this.timeout(180_000)
  let folder: TemporaryFolder
  let fermata: Fermata

  async function deploy(id: string, properties: JsonObject): Promise<void> {
    const path = join(folder.path, `${id}.yaml`)
    const node = {
      type: 'cloudify.libvirt.domain',
      properties: { libvirt_auth: labUri(), stop_timeout: 30, ...properties },
    }
    await writeFile(
      path,
      `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-libvirt-plugin', 'plugin:cloudify-utilities-plugin']
node_templates: ${JSON.stringify({ vm: node })}
`,
    )
    await fermata.blueprints.upload(id, { path })
    await fermata.deployments.create(id, id, {})
  }

  async function run(deploymentId: string, workflow: string, parameters: JsonObject = {}): Promise<ExecutionDetails> {
    return fermata.executions.start({ workflow, deploymentId, parameters })
  }

  async function succeed(deploymentId: string, workflow: string, parameters: JsonObject = {}): Promise<void> {
    const { status, error } = await run(deploymentId, workflow, parameters)
    expect(status, JSON.stringify(error)).to.equal('terminated')
  }

  async function known(deploymentId: string): Promise<Readonly<Record<string, Json>>> {
    const [instance] = await fermata.nodeInstances.list(deploymentId)
    return instance?.runtimeProperties ?? {}
  }

  const stateOf = async (domain: string): Promise<string> => (await virsh('domstate', domain)).trim()

  /** Resolves when the guest's agent answers: an address may be known of before, by an old lease. */
  async function isUp(): Promise<void> {
    for (;;) {
      const answer = await agent(name, 'guest-ping').catch(() => undefined)
      if (answer !== undefined) return
      await sleep(100)
    }
  }

  before(async () => {
    folder = await temporaryFolder()
    fermata = await openFermata({ home: join(folder.path, 'home'), world: realWorld() })
    for (const disk of disks) await copyFile(join(state, 'blank.qcow2'), disk)
    await deploy('life', { params: await params() })
  })
  after(async () => {
    await fermata[Symbol.asyncDispose]()
    await expectKeptPromises(join(folder.path, 'home'))
    await virsh('destroy', name).catch(() => '')
    await virsh('undefine', '--managed-save', name).catch(() => '')
    for (const disk of disks) await rm(disk, { force: true })
    await folder[Symbol.asyncDispose]()
  })

  it('it is installed: defined as ours, running, with an address', async () => {
    await succeed('life', 'install')
    expect(await stateOf(name)).to.equal('running')
    const properties = await known('life')
    expect(properties['resource_id']).to.equal(name)
    expect(properties['domain_uuid']).to.equal((await virsh('domuuid', name)).trim())
    expect(properties['ip']).to.match(/^\d+\.\d+\.\d+\.\d+$/)
    expect(await virsh('dumpxml', name)).to.match(/urn:fermata:libvirt.*deployment=.life./)
  })

  it('it is suspended and resumed in memory', async () => {
    await succeed('life', 'suspend')
    expect(await stateOf(name)).to.equal('paused')
    await succeed('life', 'resume')
    expect(await stateOf(name)).to.equal('running')
  })

  it('what was paused before stays so', async () => {
    await virsh('suspend', name)
    await succeed('life', 'suspend')
    await succeed('life', 'resume')
    expect(await stateOf(name)).to.equal('paused')
    await virsh('resume', name)
  })

  it('what is off is neither suspended nor resumed, and says so', async () => {
    await virsh('destroy', name)
    const start = (operation: string): Promise<ExecutionDetails> =>
      run('life', 'execute_operation', { operation: `cloudify.interfaces.freeze.${operation}` })
    for (const operation of ['suspend', 'resume']) {
      const { status, error } = await start(operation)
      expect([status, error?.code]).to.deep.equal(['failed', 'libvirt.cannot'])
      expect(error?.message).to.contain('shut off')
    }
    await succeed('life', 'execute_operation', { operation: 'cloudify.interfaces.lifecycle.start' })
    expect(await stateOf(name)).to.equal('running')
  })

  it('its memory survives on the disk of the hypervisor', async () => {
    await isUp()
    await inGuest(name, 'echo kept > /run/before')
    await succeed('life', 'suspend', {})
    await succeed('life', 'resume', {})
    await succeed('life', 'execute_operation', {
      operation: 'cloudify.interfaces.freeze.suspend',
      operation_kwargs: { suspend_mode: 'managedsave' },
    })
    expect(await stateOf(name)).to.equal('shut off')
    await succeed('life', 'resume')
    expect(await stateOf(name)).to.equal('running')
    expect(await inGuest(name, 'cat /run/before')).to.equal('kept\n')
  })

  it('it is measured', async () => {
    // Its driver gives back what it has beyond its share when it gets to it, and libvirt hears of that later.
    const megabytes = async (): Promise<number> =>
      Math.round(Number(/balloon\.current=(\d+)/.exec(await virsh('domstats', '--balloon', name))?.[1]) / 1024)
    const before = await megabytes()
    await inGuest(name, '(timeout 20 sh -c "while :; do :; done" >/dev/null 2>&1 &)')
    await succeed('life', 'statistics')
    const { stat: measured } = await known('life')
    const { cpu, cpu_of_vcpus: ofVcpus, memory, memory_used: used } = measured as Record<string, number>
    // One virtual CPU: both shares are the same, and no more than a core; how much it gets, the others decide.
    expect(cpu).to.be.within(1, 130)
    expect(ofVcpus).to.be.closeTo(cpu ?? 0, 0.01)
    const both = [before, await megabytes()]
    expect(Math.round(memory ?? 0)).to.be.within(Math.min(...both), Math.max(...both))
    expect(used).to.be.within(5, 96)
    expect((measured as JsonObject)['disks']).to.have.keys('vda', 'vdb')
  })

  it('it gets less memory at once and more with its next start', async () => {
    await succeed('life', 'execute_operation', {
      operation: 'cloudify.interfaces.lifecycle.update',
      operation_kwargs: { params: { memory_size: 90_112, vcpu: 2 } },
    })
    const xml = parseXml(await virsh('dumpxml', '--inactive', name))
    expect([textAt(xml, 'currentMemory'), textAt(xml, 'vcpu')]).to.deep.equal(['90112', '2'])
  })

  it('it boots anew', async () => {
    await succeed('life', 'execute_operation', { operation: 'cloudify.interfaces.lifecycle.reboot' })
    expect(await stateOf(name)).to.equal('running')
  })

  it('a domain of somebody else is not taken for ours, nor touched', async () => {
    await deploy('thief', { params: { ...(await params()), name: 'lab1' } })
    const before = await virsh('dumpxml', '--inactive', 'lab1')
    const { status, error } = await run('thief', 'install')
    expect([status, error?.code]).to.deep.equal(['failed', 'libvirt.name_taken'])
    await succeed('thief', 'uninstall')
    expect(await virsh('dumpxml', '--inactive', 'lab1')).to.equal(before)
    expect(await stateOf('lab1')).to.equal('running')
  })

  it('one that is external is used, suspended and resumed, and stays', async () => {
    await deploy('guest', { use_external_resource: true, resource_id: 'lab1' })
    const before = await virsh('dumpxml', '--inactive', 'lab1')
    await succeed('guest', 'install')
    await succeed('guest', 'suspend')
    expect(await stateOf('lab1')).to.equal('paused')
    await succeed('guest', 'resume')
    await succeed('guest', 'uninstall')
    expect(await stateOf('lab1')).to.equal('running')
    expect(await virsh('dumpxml', '--inactive', 'lab1')).to.equal(before)
  })

  it('it is uninstalled, and its disks are still there', async () => {
    await isUp()
    await succeed('life', 'uninstall')
    expect((await virsh('list', '--all', '--name')).split('\n')).to.not.include(name)
    for (const disk of disks) expect((await stat(disk)).size).to.be.greaterThan(0)
    expect(await known('life')).to.not.have.any.keys('resource_id', 'domain_uuid', 'ip')
  })
})
