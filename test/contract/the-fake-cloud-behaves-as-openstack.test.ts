// What was seen of a real control plane is asked of the fake: a test on it must not succeed where OpenStack would refuse.
import { expect } from 'chai'
import { fakeSite } from '../support/openstack/truth/fake-site.ts'
import { Stage } from '../support/openstack/truth/stage.ts'
import { stories } from '../support/openstack/truth/stories.ts'

describe('the fake cloud behaves as OpenStack', function () {
  this.timeout(30_000)

  for (const { claim, run, told } of stories) {
    it(claim, async () => {
      await using stage = await Stage.open(await fakeSite())
      await run(stage)
      expect(stage.told).to.deep.equal(told)
    })
  }
})
