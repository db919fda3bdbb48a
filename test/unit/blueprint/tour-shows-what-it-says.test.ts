// Claim: each file of the tour is without problems and warnings, and shows exactly what its comment promises.
import { expect } from 'chai'
import { freezeOrder } from '../../../src/blueprint/graph/freeze-order.ts'
import { lintBlueprint } from '../../../src/blueprint/lint/lint-blueprint.ts'
import { parseBlueprint } from '../../../src/blueprint/parse-blueprint.ts'
import type { Plan } from '../../../src/blueprint/plan.ts'
import { prepareDeployment } from '../../../src/blueprint/prepare-deployment.ts'
import { summarizeDeployment } from '../../../src/blueprint/summarize.ts'
import type { Json, JsonObject } from '../../../src/kernel/json.ts'
import { deploymentOf } from './texts.ts'
import { tourFiles, type TourStop, tourStops } from './tour.ts'

const files = tourFiles()

/** What expectations look into: the deployment in wire names, nodes by their names. */
function view(plan: Plan, stop: TourStop): JsonObject {
  const deployment = deploymentOf(plan, { inputs: stop.inputs, secrets: stop.secrets })
  const { nodes, ...rest } = summarizeDeployment(deployment)
  const named = Object.fromEntries((nodes as readonly JsonObject[]).map((node) => [String(node['name']), node]))
  return { ...rest, nodes: named, freeze_order: freezeOrder(plan).map((step) => step.nodes) }
}

function at(value: Json, path: readonly string[]): Json | undefined {
  let found: Json | undefined = value
  for (const key of path) found = typeof found === 'object' && found !== null ? (found as JsonObject)[key] : undefined
  return found
}

describe('tour', () => {
  const stops = tourStops()

  it('has a stop for each feature, numbered without gaps', () => {
    expect(stops.length).to.be.at.least(35)
    expect(stops.map(({ name }) => Number(name.slice(0, 2)))).to.deep.equal(stops.map((_stop, index) => index + 1))
  })

  for (const stop of stops) {
    describe(stop.name, () => {
      it('explains itself', () => {
        expect(stop.explanation).to.have.length.greaterThan(60)
        expect(stop.expectations).to.have.length.greaterThan(0)
      })

      it('shows what it says', () => {
        const { plan, problems } = parseBlueprint({ main: stop.name, files })
        expect(problems ?? []).to.deep.equal([])
        const shown = view(plan as Plan, stop)
        for (const { path, value } of stop.expectations) expect(at(shown, path), path.join('.')).to.deep.equal(value)
        for (const refused of stop.refused) {
          const inputs = { ...stop.inputs, ...refused }
          expect(prepareDeployment(plan as Plan, { inputs, newSuffix: () => 'aaaaaa' }).problems).to.have.lengthOf(1)
        }
      })

      it('deserves no warning', () => {
        expect(lintBlueprint({ main: stop.name, files })).to.deep.equal([])
      })
    })
  }
})
