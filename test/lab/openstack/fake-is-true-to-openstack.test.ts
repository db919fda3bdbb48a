// The stories that the fake cloud is held to are told of a real control plane: what tests rely on is what OpenStack does.
// With LAB_LONG=1 alone, for they take two minutes and change with the cloud's version only.
import { expect } from 'chai'
import { labSite } from '../../support/openstack/truth/lab-site.ts'
import { Stage } from '../../support/openstack/truth/stage.ts'
import { stories } from '../../support/openstack/truth/stories.ts'

describe('lab: the fake cloud is true to OpenStack', function () {
  this.timeout(180_000)

  for (const { claim, run, told } of stories) {
    it(claim, async function () {
      if (process.env['LAB_LONG'] === undefined) this.skip()
      await using stage = await Stage.open(await labSite())
      await run(stage)
      expect(stage.told).to.deep.equal(told)
    })
  }
})
