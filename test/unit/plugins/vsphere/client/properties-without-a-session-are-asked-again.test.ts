// A vCenter that is asked for properties without a session answers all the same, and hides each of them: a machine would seem to
// be off, and a guest that stands still to go on.
import { expect } from 'chai'
import { closeSharedVCenters } from '../../../../../src/plugins/vsphere/client/shared-vcenters.ts'
import { makeCertificates } from '../../../../support/certificates.ts'
import { temporaryFolder } from '../../../../support/folder.ts'
import { smallVCenter } from '../small-vcenter.ts'

const xsi = 'xmlns:XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" XMLSchema-instance'
const hidden = (type: string) =>
  `<returnval><objects><obj type="VirtualMachine">vm-1</obj><missingSet><path>runtime.powerState</path><fault><fault ${xsi}:type="${type}"></fault></fault></missingSet></objects></returnval>`
const shown =
  '<returnval><objects><obj type="VirtualMachine">vm-1</obj><propSet><name>runtime.powerState</name><val>poweredOn</val></propSet></objects></returnval>'

describe('properties of a vCenter', () => {
  for (const [type, power, logins] of [
    ['NotAuthenticated', 'poweredOn', 2],
    ['NoPermission', undefined, 1],
  ] as const) {
    it(`that are hidden by ${type} are ${power === undefined ? 'not there' : 'asked for in a new session'}`, async () => {
      await using folder = await temporaryFolder()
      await makeCertificates(folder.path)
      await using vcenter = await smallVCenter(folder.path)
      let reads = 0
      vcenter.answers.set('RetrievePropertiesEx', () => {
        reads += 1
        return { inner: reads === 1 ? hidden(type) : shown }
      })
      const opened = await vcenter.open()
      const { values } = await opened.read({ type: 'VirtualMachine', id: 'vm-1' }, ['runtime.powerState'])
      expect(values.get('runtime.powerState')?.text).to.equal(power)
      expect(vcenter.count('Login')).to.equal(logins)
      await closeSharedVCenters()
    })
  }
})
