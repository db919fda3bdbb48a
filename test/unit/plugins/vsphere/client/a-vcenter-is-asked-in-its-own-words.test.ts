// What goes to a vCenter and what is made of its answers: order, escapes, prefixes, pages, sessions, refusals, bounds.
import { expect } from 'chai'
import { parseAnswer, at, textAt } from '../../../../../src/plugins/vsphere/client/element.ts'
import { closeSharedVCenters } from '../../../../../src/plugins/vsphere/client/shared-vcenters.ts'
import { requestText, struct } from '../../../../../src/plugins/vsphere/client/value.ts'
import { makeCertificates } from '../../../../support/certificates.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { temporaryFolder, type TemporaryFolder } from '../../../../support/folder.ts'
import { faultReply, planted, smallVCenter, type SmallVCenter } from '../small-vcenter.ts'

const machine = { type: 'VirtualMachine', id: 'vm-1' }
const task = '<returnval type="Task">task-1</returnval>'
const object = (id: number) =>
  `<objects><obj type="VirtualMachine">vm-${id}</obj><propSet><name>name</name><val>n${id}</val></propSet></objects>`

describe('a vCenter is asked in its own words', function () {
  let folder: TemporaryFolder
  let vcenter: SmallVCenter

  before(async () => {
    folder = await temporaryFolder()
    await makeCertificates(folder.path)
  })

  after(() => folder[Symbol.asyncDispose]())

  beforeEach(async () => {
    vcenter = await smallVCenter(folder.path)
  })

  afterEach(async () => {
    await closeSharedVCenters()
    await vcenter[Symbol.asyncDispose]()
  })

  it('in the given order, with everything escaped', () => {
    const spec = struct(
      [
        ['a', '<&>"\''],
        ['gone', undefined],
        ['list', ['1', '2']],
        ['on', false],
      ],
      'Spec',
    )
    const text = requestText('Do_Task', machine, [
      ['spec', spec],
      ['at', { type: 'Fol"der', id: 'x<y' }],
    ])
    expect(text).to.include(
      '<Do_Task xmlns="urn:vim25"><_this type="VirtualMachine">vm-1</_this><spec xsi:type="Spec">' +
        '<a>&lt;&amp;&gt;&quot;&apos;</a><list>1</list><list>2</list><on>false</on></spec>' +
        '<at type="Fol&quot;der">x&lt;y</at></Do_Task>',
    )
  })

  it('and its types are understood whatever prefix they have', () => {
    for (const prefix of ['xsi', 'XMLSchema-instance']) {
      const text = `<v xmlns:${prefix}="http://www.w3.org/2001/XMLSchema-instance" xmlns:q="urn:vim25"><q:val ${prefix}:type="q:VirtualDisk" type="T">a &lt; &#x62;</q:val></v>`
      const value = at(parseAnswer(text), 'val')
      expect([value?.xsiType, value?.type, value?.text]).to.eql(['VirtualDisk', 'T', 'a < b'])
    }
    const other = at(parseAnswer('<v xmlns:o="urn:else"><val o:type="Nothing"/></v>'), 'val')
    expect(other?.xsiType).to.equal(undefined)
  })

  it('and documents that define something are no answers', () => {
    expect(parseAnswer('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')).to.equal(undefined)
    expect(parseAnswer('<a>&b;</a>')).to.equal(undefined)
    expect(parseAnswer('<a><b></a>')).to.equal(undefined)
    expect(textAt(parseAnswer('<a><b>c</b></a>'), 'b')).to.equal('c')
  })

  it('page by page, and pages that nobody wants are given back', async () => {
    const page = (ids: readonly number[], token?: string) => ({
      inner: `<returnval>${token === undefined ? '' : `<token>${token}</token>`}${ids.map(object).join('')}</returnval>`,
    })
    vcenter.answers.set('CreateContainerView', () => ({ inner: '<returnval type="ContainerView">view-1</returnval>' }))
    vcenter.answers.set('DestroyView', () => ({}))
    vcenter.answers.set('CancelRetrievePropertiesEx', () => ({}))
    vcenter.answers.set('RetrievePropertiesEx', () => page([1, 2], 't1'))
    vcenter.answers.set('ContinueRetrievePropertiesEx', ({ body }) =>
      body.includes('>t1<') ? page([3], 't2') : page([4]),
    )
    const open = await vcenter.open()
    const names: (string | undefined)[] = []
    const query = { type: 'VirtualMachine', paths: ['name'] }
    for await (const { values } of open.list(query)) names.push(values.get('name')?.text)
    expect(names).to.eql(['n1', 'n2', 'n3', 'n4'])
    expect([vcenter.count('CancelRetrievePropertiesEx'), vcenter.count('DestroyView')]).to.eql([0, 1])
    for await (const { ref } of open.list(query)) if (ref.id === 'vm-2') break
    expect([vcenter.count('CancelRetrievePropertiesEx'), vcenter.count('DestroyView')]).to.eql([1, 2])
  })

  it('in one session, however many ask at once; and in a new one once that has ended', async () => {
    vcenter.answers.set('CurrentTime', () => ({ inner: '<returnval>now</returnval>' }))
    const all = await Promise.all([vcenter.open(), vcenter.open(), vcenter.open()])
    expect(vcenter.count('Login')).to.equal(1)
    vcenter.good.clear()
    await Promise.all(all.map((one) => one.call({ type: 'ServiceInstance', id: 'ServiceInstance' }, 'CurrentTime')))
    expect(vcenter.count('Login')).to.equal(2)
    await closeSharedVCenters()
    expect(vcenter.count('Logout')).to.equal(1)
  })

  it('and what is not allowed is no end of a session that lives', async () => {
    vcenter.answers.set('Destroy_Task', () => faultReply('NoPermission', 'Permission denied'))
    vcenter.answers.set('RetrievePropertiesEx', () => ({
      inner:
        '<returnval><objects><obj type="SessionManager">s</obj><propSet><name>currentSession</name><val><key>k</key></val></propSet></objects></returnval>',
    }))
    const open = await vcenter.open()
    const problem = await faultOf(open.run(machine, 'Destroy_Task'))
    expect([problem.code, problem.effect, vcenter.count('Login')]).to.eql(['vsphere.denied', 'none', 1])
    expect(vcenter.count('Destroy_Task')).to.equal(1)
  })

  for (const [what, answer, code, effect] of [
    ['no XML', { raw: 'plain words' }, 'vsphere.bad_answer', 'unknown'],
    ['another method', { raw: '<e><Body><OtherResponse/></Body></e>' }, 'vsphere.bad_answer', 'unknown'],
    ['a page of a web server', { status: 404, raw: '<html>Not here</html>' }, 'vsphere.bad_answer', 'none'],
    ['a proxy that is at its end', { status: 502, raw: '<html>Bad gateway</html>' }, 'vsphere.failed', 'unknown'],
    ['nothing but the end of the connection', 'hang up', 'vsphere.connection_lost', 'unknown'],
    ['more than anybody reads', { raw: ' '.repeat(33 * 1024 * 1024) }, 'vsphere.bad_answer', 'unknown'],
    ['a fault that nobody knows', faultReply('VendorFault', 'odd'), 'vsphere.failed', 'unknown'],
    ['a machine that is gone', faultReply('ManagedObjectNotFound', 'gone'), 'vsphere.not_found', 'none'],
  ] as const) {
    it(`and ${what} is told as that`, async () => {
      vcenter.answers.set('PowerOnVM_Task', () => answer)
      const problem = await faultOf((await vcenter.open()).run(machine, 'PowerOnVM_Task'))
      expect([problem.code, problem.effect]).to.eql([code, effect])
    })
  }

  it('and a request is given up with its signal: nothing is known of it then', async () => {
    vcenter.answers.set('PowerOnVM_Task', () => 'silent')
    const leaving = new AbortController()
    const open = await vcenter.open(leaving.signal)
    const asked = faultOf(open.run(machine, 'PowerOnVM_Task'))
    while (vcenter.count('PowerOnVM_Task') === 0) await new Promise((resolve) => setImmediate(resolve))
    leaving.abort(new Error('cancelled'))
    expect(await asked).to.include({ code: 'vsphere.given_up', effect: 'unknown' })
  })

  it('and no log or fault shows password or session', async () => {
    const quoting = faultReply('InvalidRequest', `bad: ${planted.password.replace(/[<&]/g, '')} ${planted.cookie}-1`)
    vcenter.answers.set('PowerOnVM_Task', () => ({
      ...quoting,
      raw: quoting.raw?.replace('plant3d-passw0rd>', 'plant3d-&lt;passw0rd&gt;&amp;') ?? '',
    }))
    const problem = await faultOf((await vcenter.open()).run(machine, 'PowerOnVM_Task'))
    const shown = JSON.stringify([problem, vcenter.lines])
    expect(problem.message).to.include('********')
    expect(shown).not.to.include(planted.password)
    expect(shown).not.to.include(planted.cookie)
  })

  describe('and its tasks', () => {
    const update = (version: string, objects: string, truncated = false) => ({
      inner: `<returnval><version>${version}</version><filterSet><filter type="PropertyFilter">f</filter>${objects}</filterSet>${truncated ? '<truncated>true</truncated>' : ''}</returnval>`,
    })
    const ended = (id: string, state: string, more = '') =>
      `<objectSet><kind>modify</kind><obj type="Task">${id}</obj><changeSet><name>info</name><op>assign</op><val xsi:type="TaskInfo"><state>${state}</state>${more}</val></changeSet></objectSet>`

    beforeEach(() => {
      vcenter.answers.set('CreateListView', () => ({ inner: '<returnval type="ListView">list</returnval>' }))
      vcenter.answers.set('CreatePropertyCollector', () => ({
        inner: '<returnval type="PropertyCollector">own</returnval>',
      }))
      vcenter.answers.set('CreateFilter', () => ({ inner: '<returnval type="PropertyFilter">f</returnval>' }))
      vcenter.answers.set('ModifyListView', () => ({}))
      vcenter.answers.set('PowerOnVM_Task', () => ({ inner: task }))
    })

    it('are heard of in sets that come in pieces', async () => {
      let turn = 0
      vcenter.answers.set('WaitForUpdatesEx', ({ body }) => {
        turn += 1
        if (turn === 1) return update('1', ended('task-1', 'running', '<progress>40</progress>'), true)
        return body.includes('<version>1</version>')
          ? update('2', ended('task-1', 'success', '<result type="VirtualMachine">vm-9</result>'))
          : faultReply('InvalidCollectorVersion', 'which?')
      })
      const told: number[] = []
      const result = await (
        await vcenter.open()
      ).run(machine, 'PowerOnVM_Task', [], { progress: (one) => told.push(one) })
      expect([result?.text, told]).to.eql(['vm-9', [40]])
    })

    it('are read once when nothing was heard for long', async () => {
      vcenter.answers.set('WaitForUpdatesEx', () => ({}))
      vcenter.answers.set('RetrievePropertiesEx', () => ({
        inner:
          '<returnval><objects><obj type="Task">task-1</obj><propSet><name>info</name><val><state>success</state></val></propSet></objects></returnval>',
      }))
      await (await vcenter.open()).run(machine, 'PowerOnVM_Task')
    })

    it('are lost when the vCenter forgot them', async () => {
      vcenter.answers.set('ModifyListView', () => ({ inner: '<returnval type="Task">task-1</returnval>' }))
      vcenter.answers.set('WaitForUpdatesEx', () => 'silent')
      const problem = await faultOf((await vcenter.open()).run(machine, 'PowerOnVM_Task'))
      expect([problem.code, problem.effect]).to.eql(['vsphere.task_lost', 'unknown'])
    })

    it('are waited for no longer than was said', async () => {
      vcenter.answers.set('WaitForUpdatesEx', () => 'silent')
      const problem = await faultOf((await vcenter.open()).run(machine, 'PowerOnVM_Task', [], { limit: 50 }))
      expect([problem.code, problem.effect, problem.retry]).to.eql(['vsphere.task_late', 'unknown', 'later'])
      expect(vcenter.count('CancelTask')).to.equal(0)
    })

    it('are waited for in a collector of their own, which is given back when it fails', async () => {
      let turn = 0
      const targets: boolean[] = []
      vcenter.answers.set('WaitForUpdatesEx', ({ body }) => {
        targets.push(body.includes('<_this type="PropertyCollector">own</_this>'))
        turn += 1
        return turn > 1 ? update('1', ended('task-1', 'success')) : faultReply('SystemError', 'for a moment')
      })
      vcenter.answers.set('DestroyPropertyCollector', () => ({}))
      vcenter.answers.set('DestroyView', () => ({}))
      await (await vcenter.open()).run(machine, 'PowerOnVM_Task')
      expect(targets).to.eql([true, true])
      expect([vcenter.count('Login'), vcenter.count('CreatePropertyCollector')]).to.eql([1, 2])
      expect([vcenter.count('DestroyPropertyCollector'), vcenter.count('DestroyView')]).to.eql([1, 1])
    })

    it('are watched anew in a new session', async () => {
      let turn = 0
      vcenter.answers.set('WaitForUpdatesEx', () => {
        turn += 1
        if (turn > 1) return update('1', ended('task-1', 'success'))
        vcenter.good.clear()
        return faultReply('NotAuthenticated', 'The session is not authenticated.')
      })
      await (await vcenter.open()).run(machine, 'PowerOnVM_Task')
      expect([vcenter.count('Login'), vcenter.count('CreateListView')]).to.eql([2, 2])
    })
  })
})
