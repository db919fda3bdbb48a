// What the contract says of every operation: inputs, secrets, faults, cancelling, and of power and statistics.
import { Fault } from '../../../kernel/fault.ts'
import type { PowerState } from '../../../plugins/contract/operation.ts'
import { figuresIn } from '../../../workflows/statistics.ts'
import type { Bench } from '../bench.ts'
import { CaseSkipped, must, rejection } from '../broken.ts'
import { names, type ContractCase } from '../case.ts'
import { saved } from './cut-cases.ts'

const { create, remove, suspend, resume, statistics } = names

async function powerOf(bench: Bench, name: string): Promise<PowerState> {
  const operation = bench.find(name)
  if (operation.kind === 'run' && operation.power) return operation.power(bench.context(name), bench.inputs(name))
  return bench.view('power')()
}

export const operationCases: readonly ContractCase[] = [
  {
    id: 'operations.exist',
    claim: 'every operation that the node names is there',
    async run(bench) {
      for (const name of Object.keys(bench.node.operations)) bench.find(name)
    },
  },
  {
    id: 'power.suspend_resume',
    claim: 'suspend leaves the node suspended, resume lets it run, and the plugin tells both',
    async run(bench) {
      must((await powerOf(bench, suspend)) === 'running', 'the node does not run at first')
      await bench.call(suspend)
      must((await powerOf(bench, suspend)) === 'suspended', `after suspend it is ${await powerOf(bench, suspend)}`)
      await bench.call(resume)
      must((await powerOf(bench, resume)) === 'running', `after resume it is ${await powerOf(bench, resume)}`)
    },
  },
  {
    id: 'power.twice',
    claim: 'suspend and resume may both be called twice',
    async run(bench) {
      await bench.call(suspend)
      await bench.call(suspend, { attempt: 2, inDoubt: true })
      await bench.call(resume)
      await bench.call(resume, { attempt: 2, inDoubt: true })
      must((await powerOf(bench, resume)) === 'running', 'the node does not run after two resumes')
    },
  },
  {
    id: 'statistics.figures',
    claim: 'statistics are finite figures',
    async run(bench) {
      const result = await bench.call(statistics)
      const figures = figuresIn(result)
      must(figures.length > 0, `there is no figure in ${JSON.stringify(result)}`)
    },
  },
  {
    id: 'inputs.refused',
    claim: 'inputs of a wrong type are refused before anything happens',
    async run(bench) {
      const schema = bench.find(create).inputs as { readonly properties?: object } | undefined
      if (!schema?.properties || !('snapshot_name' in schema.properties))
        throw new CaseSkipped('snapshot.create declares no snapshot_name among its inputs')
      const thrown = await rejection(bench.call(create, { inputs: { snapshot_name: ['no', 'name'] } }))
      must(thrown instanceof Fault, 'a list was taken for a snapshot_name')
      if (bench.node.snapshots) must((await bench.node.snapshots()).length === 0, 'there is a snapshot all the same')
    },
  },
  {
    id: 'names.hostile',
    claim: 'a name that is shell, or climbs, is taken as a name or refused with a fault, and does nothing else',
    async run(bench) {
      bench.cutOperation(create)
      const hostile = ['../../contract-escape', '$(touch contract-escape)', "a'; echo b #", 'line\nbreak', '-rf']
      const before = await bench.node.state?.()
      for (const name of hostile) {
        const work = `hostile-${hostile.indexOf(name)}`
        const thrown = await rejection(
          bench.cut(create, work, { inputs: { snapshot_name: name } }).then(async (receipt) => {
            await bench.settle(create, work, receipt, { inputs: { snapshot_name: name } })
            await bench.call(remove, { inputs: { snapshot_name: name }, work })
          }),
        )
        must(thrown === undefined || thrown instanceof Fault, `${JSON.stringify(name)} gave ${String(thrown)}`)
      }
      must((await bench.node.state?.()) === before, 'a name changed the data of the node')
    },
  },
  {
    id: 'cancel.cut',
    claim: 'a cut that is cancelled ends soon, and what it may have made can be taken back',
    async run(bench) {
      const { clock } = bench.context('look').world
      const begin = clock.monotonic()
      const signal = AbortSignal.abort(new Error('cancelled'))
      const options = { inputs: { snapshot_name: 'one' } }
      const receipt = await bench.cut(create, 'one', { ...options, signal }).catch(() => undefined)
      must(clock.monotonic() - begin < 5000, 'the cancelled cut took more than five seconds')
      await bench.call(remove, { ...options, work: 'one', ...(receipt ? { part: receipt } : {}) })
      if (bench.node.snapshots) must((await bench.node.snapshots()).length === 0, 'something of the cut is left')
    },
  },
  {
    id: 'secrets.stay_secret',
    claim: 'no secret stands in a log, a part or the runtime properties',
    async run(bench) {
      const secrets = Object.values(bench.node.secrets ?? {}).filter((value) => value.length >= 6)
      if (secrets.length === 0) throw new CaseSkipped("the subject gives no 'secrets'")
      const part = bench.does(create) ? await saved(bench) : null
      const told = JSON.stringify([bench.lines, part, bench.runtimeProperties])
      must(!secrets.some((value) => told.includes(value)), 'a secret stands in what the plugin told')
    },
  },
]
