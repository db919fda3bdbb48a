// A reinstall that failed while installing carries on there: what was installed again is not taken down once more.
import { expect } from 'chai'
import { engineSite } from '../support/engine-site.ts'

describe('reinstall', () => {
  for (const [broken, before, after] of [
    [
      'configure db',
      ['stop web', 'delete web', 'stop db', 'delete db', 'stop vm', 'delete vm'],
      ['create vm', 'configure db'],
    ],
    [
      'delete db',
      ['stop web', 'delete web', 'stop db'],
      ['delete db', 'stop vm', 'delete vm', 'create vm', 'create db'],
    ],
  ] as const) {
    it(`resumes behind a failed '${broken}', and repeats nothing that was done`, async () => {
      await using site = await engineSite()
      await site.start('install')
      let failures = 1
      site.hooks[broken] = () => {
        if (failures-- > 0) throw new Error('not today')
      }
      site.log.length = 0
      const failed = await site.start('reinstall')
      expect(failed.status).to.equal('failed')
      expect(site.log).to.include.members([...before])
      const resumed = await site.fermata.executions.resume(failed.id)
      expect(resumed.status).to.equal('terminated')
      expect(site.log).to.include.members([...after, 'start web'])
      for (const done of site.log.filter((name) => name !== broken && !name.includes('link')))
        expect(
          site.log.filter((name) => name === done),
          done,
        ).to.have.lengthOf(1)
      const instances = await site.fermata.nodeInstances.list('shop')
      expect(instances.map(({ state }) => state)).to.deep.equal(['started', 'started', 'started'])
    })
  }
})
