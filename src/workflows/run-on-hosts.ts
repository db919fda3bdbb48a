// run_on_hosts: commands on many hosts, some first, then in batches, until too many of them failed. A host that is done is
// never called again; resumed, it runs what failed and what had not begun.
import { asFault, fault, type Fault } from '../kernel/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { fleetReboot, fleetRun } from '../plugins/contract/fleet.ts'
import { defineWorkflow, type Member, type Run } from '../plugins/contract/workflow.ts'
import {
  checkFleetParameters,
  commandInputs,
  fleetParameters,
  fleetRules,
  type FleetParameters,
  type FleetRules,
} from './run-on-hosts-parameters.ts'

export const runOnHosts = defineWorkflow({
  name: 'run_on_hosts',
  description: 'Runs commands on many hosts: some first, then in batches, with a budget for failures',
  parameters: fleetParameters,
  async run(run, parameters): Promise<Json> {
    checkFleetParameters(parameters)
    const members = run.select(parameters).filter((member) => member.does(fleetRun))
    if (members.length === 0) throw fault('fleet.no_hosts', { details: { deployment: run.deployment.id } })
    if (parameters.reboot) refuseWithoutReboot(members)
    const rules = fleetRules(parameters, members.length)
    const begun = await run.step('fleet', async (step) => ({
      at: step.now,
      hosts: members.map(({ id }) => id),
      batches: rules.batches.map((batch) => batch.length),
    }))
    const fleet = new Fleet(run, parameters, rules, { members, begunAt: begun.at })
    return fleet.toEnd()
  },
})

function refuseWithoutReboot(members: readonly Member[]): void {
  const lacking = members.find((member) => !member.does(fleetReboot))
  if (!lacking) return
  const reason = 'the type offers no reboot, and one was asked for'
  throw fault('plan.unsupported', { details: { node: lacking.node.id, operation: fleetReboot, reason } })
}

interface Hosts {
  readonly members: readonly Member[]
  readonly begunAt: number
}

class Fleet {
  readonly #run: Run
  readonly #parameters: FleetParameters
  readonly #rules: FleetRules
  readonly #hosts: Hosts
  readonly #failures = new Map<string, Fault>()
  #done = 0
  #failedInBatch = 0
  /** Something of ours failed: no further host begins. */
  #isLost = false

  constructor(run: Run, parameters: FleetParameters, rules: FleetRules, hosts: Hosts) {
    this.#run = run
    this.#parameters = parameters
    this.#rules = rules
    this.#hosts = hosts
  }

  async toEnd(): Promise<JsonObject> {
    const { batches } = this.#rules
    let spent: string | undefined
    for (const [number, batch] of batches.entries()) {
      spent = await this.#batch(number, batch)
      if (spent !== undefined) break
    }
    const total = this.#hosts.members.length
    const failed = this.#failures.size
    const left = total - this.#done - failed
    const counts = { hosts: total, done: this.#done, failed, not_begun: left }
    if (spent !== undefined)
      throw fault('fleet.budget_spent', { details: { ...counts, reason: spent, first: this.#words() } })
    if (failed > 0) throw fault('fleet.hosts_failed', { details: { ...counts, first: this.#words() } })
    return counts
  }

  /** Why no further host may begin; undefined: they may. */
  async #batch(number: number, batch: readonly number[]): Promise<string | undefined> {
    const name =
      this.#rules.hasCanary && number === 0 ? 'the canary' : `batch ${number + (this.#rules.hasCanary ? 0 : 1)}`
    const total = this.#rules.batches.length
    if (total > 1) this.#run.event(`Beginning ${name} (${number + 1} of ${total}): ${batch.length} hosts`)
    this.#failedInBatch = 0
    const limit = this.#rules.batchBudget(number)
    const spent = (): string | undefined => {
      if (this.#failedInBatch > limit) return `${this.#failedInBatch} failed in ${name}, ${limit} may`
      const { budget } = this.#rules
      return this.#failures.size > budget ? `${this.#failures.size} failed in all, ${budget} may` : undefined
    }
    const waiting = batch.values()
    const work = async (): Promise<void> => {
      for (const position of waiting) {
        const member = this.#hosts.members[position]
        // Whoever has begun goes on to the end; nobody else begins.
        if (!member || spent() !== undefined || this.#isLost || this.#run.signal.aborted) return
        await this.#host(member)
      }
    }
    const lanes = Math.min(this.#parameters.concurrency, batch.length)
    // Nobody is left behind: what is under way on other hosts ends before the run does.
    const ends = await Promise.allSettled(Array.from({ length: lanes }, work))
    const lost = ends.find((end) => end.status === 'rejected')
    if (lost) throw lost.reason
    if (this.#run.signal.aborted) throw fault('engine.cancelled')
    if (total > 1) this.#run.event(`Ended ${name} (${number + 1} of ${total}): ${this.#failedInBatch} failed`)
    const reason = spent()
    if (reason !== undefined) this.#run.event(`No further host begins: ${reason}`)
    return reason
  }

  async #host(member: Member): Promise<void> {
    try {
      await this.#commands(member)
      this.#done += 1
    } catch (thrown) {
      const problem = asFault(thrown)
      // A store that is gone, or a mistake of ours, is no failure of a host.
      if (['store', 'engine'].includes(problem.code.split('.')[0] ?? '') && problem.code !== 'engine.timeout') {
        this.#isLost = true
        throw problem
      }
      this.#failures.set(member.id, problem)
      this.#failedInBatch += 1
    }
  }

  async #commands(member: Member): Promise<void> {
    const { commands, check, reboot, reboot_command: command, reboot_timeout: timeout, sudo } = this.#parameters
    const run = (text: string | readonly string[], phase: string): Promise<Json> =>
      this.#run.execute(member, fleetRun, { phase, inputs: commandInputs(this.#parameters, text, this.#hosts.begunAt) })
    for (const [index, text] of commands.entries()) await run(text, `command-${index + 1}`)
    if (reboot) await this.#run.execute(member, fleetReboot, { phase: 'reboot', inputs: { command, timeout, sudo } })
    if (check !== '') await run(check, 'check')
  }

  #words(): string {
    const [first] = this.#failures
    return first ? `${first[0]}: ${first[1].message}` : '-'
  }
}
