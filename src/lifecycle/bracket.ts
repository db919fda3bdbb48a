// The bracket: everything frozen, everything cut, everything thawed, then settled, in as many rounds as it takes. What
// was frozen is thawed whatever happens; a round that a dead process left open is closed and done anew.
import PQueue from 'p-queue'
import type { BracketOptions, BracketOutcome } from '../plugins/contract/workflow.ts'
import { BracketFrame } from './bracket-frame.ts'
import { bracketOutcome, reportOf } from './bracket-outcome.ts'
import { BracketRound, type BracketScene } from './bracket-round.ts'
import { checkBracket } from './check-bracket.ts'
import { logEvent } from './events.ts'
import { checkPolicyNodes } from './freeze-policy.ts'
import type { Ledger } from './ledger.ts'
import type { OperationRunner } from './operation-runner.ts'
import { outcomeKey, roundName } from './round.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

/** Operations at once inside a bracket at least: there, waiting for a turn is time that others stand still. */
const leastSlots = 64

export class Bracket {
  readonly #scene: BracketScene

  constructor(site: Site, runner: OperationRunner, ledger: Ledger, options: BracketOptions) {
    const slots = new PQueue({ concurrency: Math.max(leastSlots, site.slots.concurrency) })
    this.#scene = { site, runner, ledger, frame: new BracketFrame(site, options), slots }
  }

  async run(): Promise<BracketOutcome> {
    const { site, frame } = this.#scene
    const nodes = site.topology.instances.map((instance) => instance.node.id)
    checkPolicyNodes(frame.options, site.deployment.id, [...new Set(nodes)])
    checkBracket(site, frame)
    const through: BracketRound[] = []
    let missing: readonly Instance[] | null = null
    for (let count = 1; ; count++) {
      const round = new BracketRound(this.#scene, roundName(frame.options.name, count), missing)
      if (!(await this.#isWorthGoingOn(round))) continue
      const wasSettled = round.record.isSettled
      if (!wasSettled) await this.#bringThrough(round)
      through.push(round)
      const failed = [...round.failures.keys()]
      // What an earlier process already gave up is tried once more, in a round of its own.
      if (failed.length > 0 && wasSettled) missing = failed
      else return this.#end(through)
    }
  }

  // A round that was abandoned is history. One that a dead process left open is finished if all its cuts are there and
  // nobody was thawed early; otherwise it is abandoned, for a cut must not mix two freezes.
  async #isWorthGoingOn(round: BracketRound): Promise<boolean> {
    const { site, ledger } = this.#scene
    if (round.record.isAbandoned) {
      // What could not be thawed then is still owed, and must not be frozen anew before.
      if (ledger.of(round.name).some((entry) => entry.thawedAt === null)) await round.thaw()
      // So is what could not be taken back.
      await round.takeBack()
      return false
    }
    if (round.record.isThawed || !round.record.hasBegun) return true
    site.journal.event(logEvent('WARNING', 'The process that held this bracket is gone: thawing what it left frozen'))
    await round.thaw()
    if (round.isThrough) {
      await round.close()
      return true
    }
    await round.abandon()
    return false
  }

  async #bringThrough(round: BracketRound): Promise<void> {
    const opening = round.record.isThawed ? undefined : await round.decide()
    try {
      if (opening) await round.run(opening)
      await round.settle()
    } catch (thrown) {
      // When even that cannot be recorded, a resume finds the round open and abandons it then.
      await round.abandon().catch(() => {})
      throw thrown
    }
  }

  #end(rounds: readonly BracketRound[]): BracketOutcome {
    const { site, frame } = this.#scene
    const outcome = bracketOutcome(this.#scene, rounds)
    site.journal.done(outcomeKey(frame.options.name), 1, reportOf(this.#scene, outcome))
    return outcome
  }
}
