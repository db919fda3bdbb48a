// Claim: whatever prefix of its journal a dead process left, and whatever it did after its last commit, a second run ends
// like an undisturbed one: everything thawed, no cut outside a bracket, no stray snapshot, no deadman left behind.
import { expect } from 'chai'
import { fault } from '../../../src/kernel/fault.ts'
import type { OperationContext } from '../../../src/plugins/contract/context.ts'
import type { Write } from '../../../src/store/store.ts'
import {
  backUpAll,
  freezingProvider,
  threeTier,
  type FreezingProvider,
  type Outside,
  type ProviderOptions,
} from '../../support/freezing-provider.ts'
import { testSite } from '../../support/site.ts'

/** What one run left is carried on by many, one after the other: none of them may find its lease over. */
const lease = 3_600_000

interface Moment {
  readonly name: string
  /** How many commits are on disk. */
  readonly commits: number
  readonly outside: Outside
}

interface Recording {
  readonly commits: readonly (readonly Write[])[]
  /** Right after each commit, and right before the next one: between the two lie the effects nobody recorded. */
  readonly moments: readonly Moment[]
  readonly results: unknown
}

// Keeps the cuts apart, so that there are moments at which only some of them exist.
async function commitBefore(ctx: OperationContext): Promise<void> {
  ctx.log.info('about to cut')
  await ctx.save()
}

interface RunOptions {
  readonly fired?: Readonly<Record<string, number>>
  /** With best effort, under which this cut always fails. */
  readonly failing?: string
}

const failure = (): never => {
  throw fault('operation.failed', { message: 'no space', retry: 'never', effect: 'unknown' })
}

function providerOf(
  { fired = {}, failing }: RunOptions,
  more: Pick<ProviderOptions, 'hooks' | 'from'>,
): FreezingProvider {
  const hooks = { ...more.hooks, ...(failing === undefined ? {} : { [failing]: failure }) }
  return freezingProvider({ ...more, fired, hooks })
}

async function recordRun(options: RunOptions = {}): Promise<Recording> {
  const provider = providerOf(options, { hooks: { 'cut db': commitBefore, 'cut web': commitBefore } })
  const commits: (readonly Write[])[] = []
  const moments: Moment[] = []
  const note = (when: string): number =>
    moments.push({ name: `${when} commit ${commits.length}`, commits: commits.length, outside: provider.outside() })
  await using test = await testSite({
    nodes: threeTier,
    operations: provider.operations,
    lease,
    async commit(writes, store) {
      note('just before what follows')
      commits.push(writes)
      await store.commit(writes)
      note('right after')
    },
  })
  const results = await backUpAll(test, undefined, options.failing !== undefined).catch((thrown: unknown) => thrown)
  return { commits, moments, results }
}

/** The second process; its provider begins with what the first one left outside. */
async function carryOn(
  past: readonly (readonly Write[])[],
  from: Outside,
  options: RunOptions = {},
): Promise<{
  readonly provider: FreezingProvider
  readonly results: object
  readonly failures: readonly string[]
  readonly openFreezes: number
}> {
  const provider = providerOf(options, { from })
  await using test = await testSite({ nodes: threeTier, operations: provider.operations, past, lease })
  const { parts, failures } = await backUpAll(test, undefined, options.failing !== undefined)
  const results = Object.fromEntries(Object.entries(parts).map(([id, part]) => [id, part.result]))
  const open = await test.store.query.selectFrom('freezes').selectAll().where('thawed_at', 'is', null).execute()
  return { provider, results, failures: Object.keys(failures), openFreezes: open.length }
}

// The step that says that db was thawed: from then on a second run does not ask its deadman again.
function endsThaw({ sql, rows }: Write): boolean {
  return sql.includes('into steps') && rows.some((row) => row[1] === 'backup#1/thaw/db' && row[2] === 'done')
}

function deadmenKnown(past: readonly (readonly Write[])[]): readonly string[] {
  return past
    .flat()
    .flatMap(({ sql, rows }) =>
      sql.includes('into freezes') ? rows.filter((row) => row[4] !== null).map((row) => String(row[3])) : [],
    )
}

describe('a bracket whose process died', () => {
  let recording: Recording

  before(async () => {
    recording = await recordRun()
  })

  it('is recorded in enough commits to make the cases below mean something', () => {
    expect(recording.commits.length).to.be.above(10)
    expect(recording.moments.some(({ outside }) => outside.frozen.length === 3)).to.equal(true)
    expect(
      recording.moments.some(({ outside }) => outside.snapshots.length > 0 && outside.snapshots.length < 3),
    ).to.equal(true)
  })

  it('ends like an undisturbed run from every prefix of its journal', async function () {
    this.timeout(60_000)
    for (const { name, commits, outside } of recording.moments) {
      const past = recording.commits.slice(0, commits)
      const { provider, results, openFreezes } = await carryOn(past, outside)
      const left = provider.outside()
      expect(provider.breaches, name).to.deep.equal([])
      expect(Object.keys(results).toSorted(), name).to.deep.equal(['db', 'vm', 'web'])
      expect(left.frozen, name).to.deep.equal([])
      expect(openFreezes, name).to.equal(0)
      const kept = Object.values(results).map((part) => (part as { providerId: string }).providerId)
      expect(left.snapshots.toSorted(), name).to.deep.equal(kept.toSorted())
      // A deadman that was armed and never recorded ends by its own lease; all others are disarmed.
      const known = new Set(deadmenKnown(past))
      const born = Object.keys(outside.armed)
      expect(
        Object.keys(left.armed).filter((token) => known.has(token) || !born.includes(token)),
        name,
      ).to.deep.equal([])
    }
  })

  it('keeps no cut of a bracket whose deadman had fired, wherever the process died after seeing that', async function () {
    this.timeout(60_000)
    const expired = await recordRun({ fired: { db: 1 } })
    const seen = expired.moments.filter(({ commits }) => expired.commits.slice(0, commits).flat().some(endsThaw))
    expect(seen).not.to.deep.equal([])
    for (const { name, commits, outside } of seen) {
      const { results, provider } = await carryOn(expired.commits.slice(0, commits), outside)
      for (const part of Object.values(results))
        expect((part as { providerId: string }).providerId, name).to.contain('backup#2')
      expect(provider.outside().snapshots, name).to.have.length(3)
      expect(provider.breaches, name).to.deep.equal([])
    }
  })

  it('ends with best effort like an undisturbed run: what can be had is there, and of the rest nothing', async function () {
    this.timeout(60_000)
    const options = { failing: 'cut web' }
    const broken = await recordRun(options)
    expect(broken.moments.length).to.be.above(20)
    for (const { name, commits, outside } of broken.moments) {
      const { provider, results, failures, openFreezes } = await carryOn(
        broken.commits.slice(0, commits),
        outside,
        options,
      )
      const left = provider.outside()
      expect(provider.breaches, name).to.deep.equal([])
      expect([Object.keys(results).toSorted(), failures], name).to.deep.equal([['db', 'vm'], ['web']])
      const kept = Object.values(results).map((part) => (part as { providerId: string }).providerId)
      expect(left.snapshots.toSorted(), name).to.deep.equal(kept.toSorted())
      expect([left.frozen, openFreezes], name).to.deep.equal([[], 0])
    }
  })

  it('leaves nothing frozen where nothing is cut either, and freezes again only what was not through', async function () {
    this.timeout(60_000)
    const nodes = threeTier.map(({ operations, ...node }) => ({
      ...node,
      operations: Object.fromEntries(Object.entries(operations).filter(([name]) => !name.includes('snapshot'))),
    }))
    const first = freezingProvider({ nodes })
    const moments: { readonly past: readonly (readonly Write[])[]; readonly outside: Outside }[] = []
    const past: (readonly Write[])[] = []
    {
      await using test = await testSite({
        nodes,
        operations: first.operations,
        lease,
        async commit(writes, store) {
          past.push(writes)
          await store.commit(writes)
          moments.push({ past: [...past], outside: first.outside() })
        },
      })
      await backUpAll(test)
    }
    expect(moments.length).to.be.above(10)
    let again = 0
    for (const moment of moments) {
      const provider = freezingProvider({ nodes, from: moment.outside })
      await using test = await testSite({ nodes, operations: provider.operations, past: moment.past, lease })
      expect(await backUpAll(test)).to.deep.include({ parts: {}, failures: {} })
      expect(provider.outside().frozen).to.deep.equal([])
      expect(provider.breaches).to.deep.equal([])
      if (provider.log.includes('freeze vm')) again++
    }
    expect(again).to.be.within(1, moments.length - 1)
  })

  it('never takes the cuts of two freezes for one recovery point', async function () {
    this.timeout(60_000)
    for (const { name, commits, outside } of recording.moments) {
      const { results } = await carryOn(recording.commits.slice(0, commits), outside)
      const rounds = new Set(
        Object.values(results).map((part) => (part as { providerId: string }).providerId.split('/part/')[0]),
      )
      expect(rounds.size, name).to.equal(1)
    }
  })
})
