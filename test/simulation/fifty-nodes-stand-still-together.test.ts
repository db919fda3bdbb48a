import { expect } from 'chai'
import { parseBlueprint } from '../../src/blueprint/parse-blueprint.ts'
import { simulate } from '../../src/engine/simulation/simulate.ts'
import { topologyOf } from '../../src/engine/simulation/topology.ts'
import { readFileSync } from 'node:fs'

const count = 50
const cutTime = 200

const types = readFileSync(new URL('../../src/plugins/sim/plugin.yaml', import.meta.url), 'utf8')
const names = Array.from({ length: count }, (_none, index) => `vm_${index + 1}`)
const text = `tosca_definitions_version: cloudify_dsl_1_4
imports: [cloudify/types/types.yaml, 'plugin:fermata-sim']
node_templates:
${names.map((name) => `  ${name}: {type: fermata.nodes.sim.Host, properties: {cut_time: ${cutTime / 1000}}}`).join('\n')}
groups:
  fleet: {members: [${names.join(', ')}]}
`

describe(`a group of ${count} simulated nodes with cuts of ${cutTime} ms`, () => {
  const { plan } = parseBlueprint({
    main: 'blueprint.yaml',
    files: { 'blueprint.yaml': text },
    plugins: { 'fermata-sim': types },
  })
  if (!plan) throw new Error('the blueprint has problems')
  const topology = topologyOf('fleet', plan)

  it('stands still at most 1.5 s; one after the other would be ten', async function () {
    this.timeout(60_000)
    for (const seed of [1, 2, 3]) {
      const { status, violations, longestFreeze, passages } = await simulate({ seed, topology, workflow: 'backup' })
      expect([status, violations]).to.deep.equal(['terminated', []])
      expect(longestFreeze).to.be.within(cutTime / 2, 1500)
      expect(count * cutTime).to.be.above(6 * longestFreeze)
      // All were cut before the first was thawed.
      const thawed = passages.findIndex(({ name }) => name === 'thaw')
      const cuts = passages
        .slice(0, thawed)
        .filter(({ name, moment }) => name === 'snapshot.create' && moment === 'after')
      expect(cuts).to.have.lengthOf(count)
    }
  })
})
