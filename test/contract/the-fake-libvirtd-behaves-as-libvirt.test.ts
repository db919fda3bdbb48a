// What was seen of libvirt 9.0.0 is asked of the fake: a test on it must not succeed where the real daemon would refuse.
import { expect } from 'chai'
import { fakeSite } from '../support/libvirt/truth/fake-site.ts'
import { Stage } from '../support/libvirt/truth/stage.ts'
import { stories } from '../support/libvirt/truth/stories.ts'

describe('the fake libvirtd behaves as libvirt', function () {
  this.timeout(30_000)

  for (const { claim, run, told } of stories) {
    it(claim, async () => {
      await using stage = await Stage.open(await fakeSite())
      await run(stage)
      expect(stage.told).to.deep.equal(told)
    })
  }
})
