// Claim: the logs of real runs pass every rule, and are such that whatever is left out or put elsewhere in them is seen.
import { expect } from 'chai'
import { join } from 'node:path'
import { simulate } from '../../src/engine/simulation/simulate.ts'
import { builtInTopology } from '../../src/engine/simulation/topology.ts'
import { checkLog } from '../../src/report/oracle/check.ts'
import type { LogEntry } from '../../src/report/oracle/entry.ts'
import type { Facts } from '../../src/report/oracle/facts.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { Write } from '../../src/store/store.ts'
import { engineSite, type EngineSite } from '../support/engine-site.ts'

const named = { snapshot_name: 'one' }

/** Rules that were broken; every rule must have had its subject. */
async function brokenIn(site: EngineSite, id: string): Promise<string[]> {
  const { rules, violations } = await site.fermata.executions.check(id)
  expect(rules.filter(({ state }) => state === 'silent')).to.deep.equal([])
  return violations.map(({ rule, message }) => `${rule}: ${message}`)
}

async function factsOf(site: EngineSite): Promise<Facts> {
  const instances = await site.fermata.nodeInstances.list('shop')
  return {
    dependencies: Object.fromEntries(
      instances.map(({ id, relationships }) => [id, relationships.map(({ targetId }) => targetId)]),
    ),
    hosts: Object.fromEntries(instances.map(({ id, hostId }) => [id, hostId])),
  }
}

const renumbered = (entries: readonly LogEntry[]): readonly LogEntry[] =>
  entries.map((entry, index) => ({ ...entry, position: index + 1 }))

function rulesBrokenBy(entries: readonly LogEntry[], facts: Facts): string[] {
  return [...new Set(checkLog(renumbered(entries), facts).violations.map(({ rule }) => rule))]
}

describe('real runs', () => {
  it('keep every promise in all workflows', async () => {
    await using site = await engineSite()
    const workflows: readonly (readonly [string, object])[] = [
      ['install', {}],
      ['backup', named],
      ['restore', named],
      ['suspend', {}],
      ['resume', {}],
      ['statistics', {}],
      ['remove_backup', named],
      ['uninstall', {}],
    ]
    for (const [workflow, parameters] of workflows) {
      const { id, status } = await site.start(workflow, { ...parameters })
      expect(status, workflow).to.equal('terminated')
      expect(await brokenIn(site, id), workflow).to.deep.equal([])
    }
  })

  it('keep every promise when a part fails and is made good, when everything fails, and when they are cancelled', async () => {
    await using site = await engineSite()
    const refuse = (): never => {
      throw new Error('no space')
    }
    site.hooks['cut db'] = refuse
    const partial = await site.start('backup', { snapshot_name: 'partial', snapshot_policy: 'best_effort' })
    expect(partial.error?.code).to.equal('backup.partial')
    expect(await brokenIn(site, partial.id)).to.deep.equal([])
    const failed = await site.start('backup', { snapshot_name: 'failed' })
    expect(failed.status).to.equal('failed')
    expect(await brokenIn(site, failed.id)).to.deep.equal([])
    delete site.hooks['cut db']
    const whole = await site.fermata.executions.resume(partial.id)
    expect(whole.status).to.equal('terminated')
    expect(await brokenIn(site, whole.id)).to.deep.equal([])
    const stop = new AbortController()
    site.hooks['cut web'] = () => stop.abort()
    const cancelled = await site.start('backup', { snapshot_name: 'cancelled' }, { signal: stop.signal })
    expect(cancelled.status).to.equal('cancelled')
    expect(await brokenIn(site, cancelled.id)).to.deep.equal([])
  })

  it('keep every promise when their process is killed and another one carries on', async () => {
    const topology = builtInTopology('three-tier')
    for (const point of ['freeze.armed', 'bracket.frozen', 'bracket.cut', 'thaw.effect', 'bracket.settled'] as const) {
      const at = { life: 1, point, ordinal: 1 }
      const result = await simulate({ seed: 7, topology, workflow: 'backup', faults: [{ kind: 'crash', at }] })
      expect(result.lives, point).to.equal(2)
      expect(result.violations, point).to.deep.equal([])
    }
  })
})

describe('the log of a real backup', () => {
  let log: readonly LogEntry[]
  let facts: Facts

  before(async () => {
    await using site = await engineSite()
    const { id } = await site.start('backup', named)
    log = await site.fermata.executions.log(id)
    facts = await factsOf(site)
    expect(rulesBrokenBy(log, facts)).to.deep.equal([])
  })

  // Without consequences of their own, or written twice.
  const idle = new Set(['execution.started', 'execution.ended', 'point.opened', 'ledger.written', 'thaw.begun'])

  it('shows it when any moment is left out', () => {
    const moments = log.filter((entry) => entry.source === 'moment' && !idle.has(entry.type))
    expect(moments).to.have.lengthOf.above(25)
    const unseen = moments.filter(
      (left) =>
        rulesBrokenBy(
          log.filter((entry) => entry !== left),
          facts,
        ).length === 0,
    )
    expect(unseen.map(({ type }) => type)).to.deep.equal([])
  })

  it('shows it when an event is left out', () => {
    const events = log.filter((entry) => entry.source === 'event')
    const unseen = events.filter(
      (left) =>
        rulesBrokenBy(
          log.filter((entry) => entry !== left),
          facts,
        ).length === 0,
    )
    // Nothing tells that there should have been one more at the end.
    expect(unseen.map(({ type }) => type)).to.deep.equal(['workflow_succeeded'])
  })

  it('shows it when a freeze, a cut or a thaw ends later than the bracket has it', () => {
    const types = ['freeze.done', 'cut.done', 'thaw.done', 'deadman.armed']
    const moved = log.filter((entry) => types.includes(entry.type))
    const end = log.findIndex((entry) => entry.type === 'point.sealed')
    const at = log[end]?.at ?? 0
    const unseen = moved.filter((late) => {
      const rest = log.filter((entry) => entry !== late)
      return rulesBrokenBy([...rest.slice(0, end), { ...late, at }, ...rest.slice(end)], facts).length === 0
    })
    expect(moved).to.have.lengthOf(12)
    expect(unseen.map(({ type }) => type)).to.deep.equal([])
  })
})

describe('a check of a removal', () => {
  it('knows what was sealed, and what rests on it', async () => {
    await using site = await engineSite({ isUnchecked: 'the catalog is changed behind the back of a removal' })
    const { id: backup } = await site.start('backup', named)
    const [point] = await site.fermata.backups.list()
    const { id } = await site.start('remove_backup', named)
    expect(await brokenIn(site, id)).to.deep.equal([])
    await changeStore(site, (provider) => [
      // As if it had sealed something else, and as if an earlier backup rested on what is gone.
      {
        sql: `update traces set records = replace(records, ?, 'other') where execution_id = ?`,
        rows: [[provider, backup]],
      },
      {
        sql: `insert into recovery_points (id, deployment_id, name, incremental, type, status, execution_id, blueprint_digest, created_at)
          values ('p0', 'shop', 'zero', 1, 'daily', 'good', ?, 'd', 1)`,
        rows: [[backup]],
      },
      {
        sql: `insert into parts (recovery_point_id, instance_id, result, provider_id, parent_provider_id)
          values ('p0', 'db', '{}', 'child', ?)`,
        rows: [[provider]],
      },
    ])
    expect(point?.name).to.equal('one')
    const broken = (await brokenIn(site, id)).map((text) => text.slice(0, text.indexOf(':')))
    expect(new Set(broken)).to.deep.equal(new Set(['deleted-by-the-catalog', 'children-go-before-parents']))
  })
})

async function changeStore(site: EngineSite, writes: (provider: string) => readonly Write[]): Promise<void> {
  const store = openSqliteStore(join(site.home, 'fermata.db'))
  try {
    const rows = await store.read<{ records: string }>('select records from traces')
    const records = rows.flatMap((row) => JSON.parse(row.records) as { type: string; providerId?: string }[])
    const deleting = records.find(({ type }) => type === 'part.deleting')
    await store.commit(writes(deleting?.providerId ?? ''))
  } finally {
    await store.close()
  }
}
