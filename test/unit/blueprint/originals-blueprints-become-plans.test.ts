// Claim: blueprints in the manner of the originals' examples become plans and deployments without a problem.
import { expect } from 'chai'
import { parseBlueprint } from '../../../src/blueprint/parse-blueprint.ts'
import type { Plan } from '../../../src/blueprint/plan.ts'
import { gcpBlueprints } from './originals-texts-gcp.ts'
import { libvirtBlueprints } from './originals-texts-libvirt.ts'
import { openstackBlueprints } from './originals-texts-openstack.ts'
import { utilitiesBlueprints } from './originals-texts-utilities.ts'
import { vsphereBlueprints } from './originals-texts-vsphere.ts'
import type { UsersBlueprint } from './originals-texts.ts'
import { deploymentOf } from './texts.ts'

function planOf({ text, files = [] }: UsersBlueprint): Plan {
  const { plan, problems } = parseBlueprint({ main: text, files: Object.fromEntries(files.map((path) => [path, ''])) })
  expect(problems ?? []).to.deep.equal([])
  return plan as Plan
}

const all = [openstackBlueprints, vsphereBlueprints, libvirtBlueprints, gcpBlueprints, utilitiesBlueprints].flat()

describe("blueprints of the originals' users become plans", () => {
  for (const users of all) {
    describe(users.name, () => {
      let plan: Plan
      before(() => {
        plan = planOf(users)
      })

      it('computes are told from services', () => {
        const computes = plan.nodes.filter(({ typeHierarchy }) => typeHierarchy.includes('cloudify.nodes.Compute'))
        expect(computes.map(({ id }) => id)).to.have.members(users.computes)
      })

      it('nodes stand on their hosts', () => {
        for (const { id, hostId } of plan.nodes) {
          expect(hostId, id).to.equal(users.computes.includes(id) ? id : (users.hosts?.[id] ?? null))
        }
      })

      it('operations are mapped as in the original', () => {
        for (const [what, expected] of Object.entries(users.mappings)) {
          const [nodeId, operation] = what.split(' ')
          const node = plan.nodes.find(({ id }) => id === nodeId)
          const found = node?.operations[`cloudify.interfaces.${operation}`]
          expect(`${found?.plugin}.${found?.operation}`, what).to.equal(expected)
        }
      })

      it('it can be deployed', () => {
        const { instances } = deploymentOf(plan, { inputs: users.inputs ?? {}, secrets: plan.secrets })
        expect(instances).to.have.length(plan.nodes.length)
      })
    })
  }
})
