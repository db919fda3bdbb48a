// The stories that the fake daemon is held to are told of the real one: what tests rely on is what libvirt does.
import { expect } from 'chai'
import { labSite } from '../../support/libvirt/lab/lab-site.ts'
import { Stage } from '../../support/libvirt/truth/stage.ts'
import { stories } from '../../support/libvirt/truth/stories.ts'

describe('lab: the fake libvirtd is true to libvirt', function () {
  this.timeout(120_000)

  for (const { claim, run, told } of stories) {
    it(claim, async () => {
      await using stage = await Stage.open(await labSite())
      await run(stage)
      expect(stage.told).to.deep.equal(told)
    })
  }
})
