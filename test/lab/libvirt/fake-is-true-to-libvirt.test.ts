// The stories that the fake daemon is held to are told of the real one: what tests rely on is what libvirt does.
// With LAB_LONG=1 alone, for they take six minutes and change with libvirt's version only.
import { expect } from 'chai'
import { labSite } from '../../support/libvirt/lab/lab-site.ts'
import { Stage } from '../../support/libvirt/truth/stage.ts'
import { stories } from '../../support/libvirt/truth/stories.ts'

describe('lab: the fake libvirtd is true to libvirt', function () {
  this.timeout(120_000)
  // Events of an emulated guest may come late.
  this.retries(1)

  for (const { claim, run, told } of stories) {
    it(claim, async function () {
      if (process.env['LAB_LONG'] === undefined) this.skip()
      await using stage = await Stage.open(await labSite())
      await run(stage)
      expect(stage.told).to.deep.equal(told)
    })
  }
})
