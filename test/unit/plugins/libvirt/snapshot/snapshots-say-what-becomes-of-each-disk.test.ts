import { expect } from 'chai'
import { disksOf, hasFirmwareFile } from '../../../../../src/plugins/libvirt/snapshot/disks.ts'
import { decideMode } from '../../../../../src/plugins/libvirt/snapshot/snapshot-mode.ts'
import { descriptionOf, keyIn, overlayPath } from '../../../../../src/plugins/libvirt/snapshot/snapshot-name.ts'
import { snapshotXml } from '../../../../../src/plugins/libvirt/snapshot/snapshot-xml.ts'
import { allAt, attributeAt, textAt } from '../../../../../src/plugins/libvirt/xml/element.ts'
import { parseXml } from '../../../../../src/plugins/libvirt/xml/parse.ts'

const disk = (target: string, format = 'qcow2', more = '', attributes = "type='file' device='disk'"): string =>
  `<disk ${attributes}><driver name='qemu' type='${format}'/><source file='/d/${target}.${format}'/><target dev='${target}'/>${more}</disk>`

const domain = (disks: string, os = ''): ReturnType<typeof parseXml> =>
  parseXml(`<domain><os>${os}</os><devices>${disks}</devices></domain>`)

const saved = (disks: string) => disksOf(domain(disks)).filter(({ isSaved }) => isSaved)

const question = { hasFirmwareFile: false, isFrozen: false, wanted: 'auto' } as const

describe('what becomes of each disk', () => {
  it('stands in a list of disks, where libvirt reads it', () => {
    const disks = disksOf(domain(disk('vda') + disk('sda', 'raw', '<readonly/>', "type='file' device='cdrom'")))
    const overlays = new Map([['vda', '/d/vda.over.qcow2']])
    const text = snapshotXml({ name: 'n', description: 'd', isRunning: true, disks, overlays })
    const document = parseXml(text)
    const found = allAt(document, 'disks/disk').map(({ attributes }) => [attributes['name'], attributes['snapshot']])
    expect(found).to.deep.equal([
      ['vda', 'external'],
      ['sda', 'no'],
    ])
    expect(attributeAt(document, 'disks/disk/source', 'file')).to.equal('/d/vda.over.qcow2')
    expect(allAt(document, 'disk'), 'disks at the top are ignored by libvirt').to.deep.equal([])
    // An external disk beside the default, internal memory would be refused.
    expect(attributeAt(document, 'memory', 'snapshot')).to.equal('no')
  })

  it('brings the memory along inside the disks while the domain runs', () => {
    const disks = disksOf(domain(disk('vda')))
    const memoryOf = (isRunning: boolean) =>
      attributeAt(
        parseXml(snapshotXml({ name: 'n', description: 'd', isRunning, disks, overlays: undefined })),
        'memory',
        'snapshot',
      )
    expect([memoryOf(true), memoryOf(false)]).to.deep.equal(['internal', 'no'])
  })

  it('cannot be turned into something else by a name', () => {
    const name = `x</name><memory snapshot='internal'/>`
    const text = snapshotXml({ name, description: 'd', isRunning: false, disks: [], overlays: undefined })
    const document = parseXml(text)
    expect(textAt(document, 'name')).to.equal(name)
    expect(allAt(document, 'memory')).to.have.lengthOf(1)
  })

  it('leaves out disks that nobody writes to, and those that the domain takes out', () => {
    const disks =
      disk('vda') +
      disk('vdb', 'qcow2', '<readonly/>') +
      disk('vdc', 'qcow2', '<transient/>') +
      disk('vdd', 'qcow2', '', "type='file' device='disk' snapshot='no'") +
      disk('fda', 'raw', '', "type='file' device='floppy'")
    expect(saved(disks).map(({ target }) => target)).to.deep.equal(['vda'])
  })

  it('knows the files below each, the one that is written to first', () => {
    const below = `<backingStore type='file'><format type='qcow2'/><source file='/d/mid'/><backingStore type='file'><format type='raw'/><source file='/d/base'/><backingStore/></backingStore></backingStore>`
    expect(disksOf(domain(disk('vda', 'qcow2', below)))[0]?.chain).to.deep.equal(['/d/vda.qcow2', '/d/mid', '/d/base'])
  })
})

describe('the mode of a snapshot', () => {
  it('is inside the disks, with the memory, where that can be', () => {
    expect(decideMode({ ...question, disks: saved(disk('vda')) })).to.deep.equal({ mode: 'internal' })
  })

  it('is a layer above each while the guest stands still, so that it need not wait for its memory to be written', () => {
    expect(decideMode({ ...question, isFrozen: true, disks: saved(disk('vda')) })).to.deep.equal({ mode: 'external' })
  })

  it('is a layer above each where a disk is raw, or the firmware has a file', () => {
    const raw = saved(disk('vda') + disk('vdb', 'raw'))
    expect(decideMode({ ...question, disks: raw })).to.deep.equal({ mode: 'external' })
    const decision = decideMode({ ...question, hasFirmwareFile: true, disks: saved(disk('vda')) })
    expect(decision).to.deep.equal({ mode: 'external' })
  })

  it('is refused with the reason when it was asked for and cannot be', () => {
    const raw = saved(disk('vdb', 'raw'))
    expect(decideMode({ ...question, wanted: 'internal', disks: raw }))
      .to.have.property('refusal')
      .that.contains('vdb is raw')
    const device = `<disk type='block' device='disk'><driver type='raw'/><source dev='/dev/x'/><target dev='vda'/></disk>`
    expect(decideMode({ ...question, wanted: 'external', disks: saved(device) }))
      .to.have.property('refusal')
      .that.contains('vda is no file')
    expect(decideMode({ ...question, disks: saved(device) }))
      .to.have.property('refusal')
      .that.contains('raw')
    expect(decideMode({ ...question, disks: [] })).to.have.property('refusal')
  })

  it('knows firmware that keeps its variables in a file', () => {
    const files = [`<loader type='pflash'>/x</loader>`, `<nvram>/y</nvram>`].map((os) =>
      hasFirmwareFile(domain('', os)),
    )
    expect(files).to.deep.equal([true, true])
    expect(hasFirmwareFile(parseXml(`<domain><os firmware='efi'/></domain>`))).to.equal(true)
    expect(hasFirmwareFile(domain('', `<loader type='rom'>/x</loader>`))).to.equal(false)
  })
})

describe('names of snapshots', () => {
  it('carry the operation, which is read out of them again', () => {
    const key = 'e1/backup#1/part/vm_a'
    expect(keyIn(descriptionOf('weekly', key))).to.equal(key)
    expect([keyIn('weekly'), keyIn(undefined), keyIn('[fermata:x] not at the end')]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('give each operation files of its own, which do not grow with the chain', () => {
    const first = overlayPath('/d/vm.qcow2', { name: 'vm_1-a', key: 'k1' })
    const second = overlayPath(first, { name: 'vm_1-b', key: 'k2' })
    expect(first).to.match(/^\/d\/vm\.vm_1-a\.[0-9a-f]{12}\.qcow2$/)
    expect(second).to.match(/^\/d\/vm\.vm_1-b\.[0-9a-f]{12}\.qcow2$/)
    expect(overlayPath('/d/vm.qcow2', { name: 'vm_1-a', key: 'k2' })).not.to.equal(first)
    const others = ['/d/vm.1.qcow2', '/d/vm.2.qcow2'].map((disk) => overlayPath(disk, { name: 'n', key: 'k' }))
    expect(others[0], 'two disks of one domain').not.to.equal(others[1])
    expect(overlayPath('/d/vm.qcow2', { name: 'n', key: 'k', folder: '/other' })).to.match(/^\/other\//)
    expect(overlayPath(`/d/${'ä'.repeat(120)}.qcow2`, { name: 'x'.repeat(300), key: 'k' }).length).to.be.below(255)
  })
})
