import { expect } from 'chai'
import { join } from 'node:path'
import { Type } from 'typebox'
import type { Deadman } from '../../../src/plugins/contract/deadman.ts'
import type { PluginOperation } from '../../../src/plugins/contract/operation.ts'
import { loadSubject } from '../../../src/testing/contract/load-subject.ts'
import type { ContractSubject } from '../../../src/testing/contract/subject.ts'
import { contractCases, tryCase } from '../../../src/testing/contract/suite.ts'
import { root } from '../../architecture/source-files.ts'
import { breaches, originalsOf, type Breach } from './breaches.ts'

/** The template, faster, with a secret and a schema, so that no case is skipped. */
async function template(): Promise<ContractSubject> {
  const { plugin, node } = await loadSubject(join(root, 'blueprints/plugin-template'))
  const inputs = Type.Object({ snapshot_name: Type.String() }, { additionalProperties: true })
  const cut = { ...plugin.operations['box.snapshot_create'], inputs } as PluginOperation
  return {
    plugin: { ...plugin, operations: { ...plugin.operations, 'box.snapshot_create': cut } },
    node: async () => Object.assign(await node(), { lease: 300, secrets: { password: 'swordfish-42' } }),
  }
}

async function broken(subject: ContractSubject, { change }: Breach): Promise<ContractSubject> {
  const { operations } = subject.plugin
  const changed = Object.entries(change(originalsOf(operations))).map(([key, changes]) => [
    key,
    changes && { ...operations[key], ...changes },
  ])
  const all = { ...operations, ...(Object.fromEntries(changed) as typeof operations) }
  return { ...subject, plugin: { ...subject.plugin, operations: all } }
}

describe('the contract suite', () => {
  it('is kept by the template, with no case skipped', async function () {
    this.timeout(60_000)
    const subject = await template()
    for (const one of contractCases) {
      const { outcome, reason } = await tryCase(subject, one)
      expect(outcome, `${one.id}: ${reason}`).to.equal('holds')
    }
  })

  for (const breach of breaches) {
    it(`finds that ${breach.name}`, async function () {
      this.timeout(60_000)
      for (const id of breach.finds) {
        const subject = await broken(await template(), breach)
        const one = contractCases.find((other) => other.id === id)
        expect(one, id).to.not.equal(undefined)
        if (one) expect((await tryCase(subject, one)).outcome, id).to.equal('broken')
      }
    })
  }

  it('leaves no deadman on watch behind a case', async function () {
    this.timeout(60_000)
    const armed = new Set<string>()
    const watched: Breach = {
      name: 'it is watched',
      finds: [],
      change({ freeze: { deadman } }) {
        if (!deadman) throw new Error('the template has a deadman')
        const watch: Deadman = {
          ...deadman,
          async arm(ctx, request) {
            const handle = await deadman.arm(ctx, request)
            armed.add(request.token)
            return handle
          },
          async disarm(ctx, handle) {
            const told = await deadman.disarm(ctx, handle)
            armed.delete(String(handle['token']))
            return told
          },
        }
        return { 'box.freeze': { deadman: watch } }
      },
    }
    for (const one of contractCases.filter(({ id }) => /^(?:freeze|thaw|deadman)\./.test(id))) {
      await tryCase(await broken(await template(), watched), one)
      expect([...armed], one.id).to.deep.equal([])
    }
  })

  it('has no case that cannot fail', () => {
    const found = new Set(breaches.flatMap(({ finds }) => finds))
    expect(contractCases.map(({ id }) => id).filter((id) => !found.has(id))).to.deep.equal([])
  })
})
