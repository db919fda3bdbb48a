// Engines broken on purpose, each in one place, and what has to notice. `find` stands exactly once in `file`: when it does
// no more, the mutation is stale and must be aimed anew.

export interface Mutation {
  /** What the broken engine does. */
  readonly what: string
  readonly file: string
  readonly find: string
  readonly replace: string
  /** `simulation`: a part of the crash matrix with the oracle over each run; else a test file. */
  readonly proof: 'simulation' | `${string}.test.ts`
}

export const mutations: readonly Mutation[] = [
  {
    what: 'thaw skipped when something failed',
    file: 'src/lifecycle/bracket-round.ts',
    find: 'await this.thaw().catch(',
    replace: 'if (failures.length === 0) await this.thaw().catch(',
    proof: 'simulation',
  },
  {
    what: 'ledger row written after the freeze',
    file: 'src/lifecycle/ledger.ts',
    find: 'this.#journal.freeze(rowOf(this.#journal.executionId, entry))',
    replace:
      'if (entry.seenFrozenAt !== null || entry.thawedAt !== null) this.#journal.freeze(rowOf(this.#journal.executionId, entry))',
    proof: 'simulation',
  },
  {
    what: 'step recorded before its effect',
    file: 'src/lifecycle/operation-runner.ts',
    find: 'journal.intent(request.key, state.attempt)',
    replace: 'journal.done(request.key, state.attempt, null)',
    proof: 'simulation',
  },
  {
    what: 'deletion by name instead of id',
    file: 'src/lifecycle/catalog-removal.ts',
    find: "query.deleteFrom('recovery_points').where('id', '=', id)",
    replace: "query.deleteFrom('recovery_points').where('name', 'like', `${point.name}%`)",
    proof: 'test/workflow/deletion-goes-by-the-catalog.test.ts',
  },
  {
    what: 'label never lowered',
    file: 'src/lifecycle/standstill.ts',
    find: 'if (breaches.length > 0) return',
    replace: 'if (breaches.length > 1000) return',
    proof: 'test/unit/lifecycle/bracket-keeps-to-its-policies.test.ts',
  },
  {
    what: 'lease that ended inside a cut not noticed',
    file: 'src/lifecycle/bracket-round.ts',
    find: 'if (failures.length === 0 && expired) failures.push',
    replace: 'if (failures.length > 1000 && expired) failures.push',
    proof: 'test/unit/lifecycle/bracket-ends-with-its-lease.test.ts',
  },
  {
    what: 'deadman disarmed before the thaw',
    file: 'src/lifecycle/thaw.ts',
    find: '        const result = await thawWith(operation, ctx, given, member)\n',
    replace:
      '        await this.#disarm(member, bracket, ctx)\n        const result = await thawWith(operation, ctx, given, member)\n',
    proof: 'simulation',
  },
  {
    what: 'deadman never armed',
    file: 'src/lifecycle/freeze.ts',
    find: 'if (request.deadman) await this.#arm(',
    replace: 'if (request.lease < 0 && request.deadman) await this.#arm(',
    proof: 'simulation',
  },
  {
    what: 'undo skipped when a bracket fails',
    file: 'src/lifecycle/bracket-round.ts',
    find: 'return this.#takeBack(this.cuts)',
    replace: 'return Promise.resolve()',
    proof: 'simulation',
  },
  {
    what: 'resume repeats finished steps',
    file: 'src/lifecycle/operation-runner.ts',
    find: "if (earlier?.state === 'done') return",
    replace: "if (earlier?.state === 'done' && earlier.attempt > 1000) return",
    proof: 'test/unit/lifecycle/an-operation-is-a-durable-step.test.ts',
  },
  {
    what: 'what may have happened is never looked up',
    file: 'src/lifecycle/operation-context.ts',
    find: 'if (operation.attempt > 1 || operation.inDoubt) {',
    replace: 'if (operation.attempt > 1000) {',
    proof: 'test/unit/lifecycle/an-operation-is-a-durable-step.test.ts',
  },
  {
    what: 'the floor of good copies ignored',
    file: 'src/schedule/retention/decide.ts',
    find: 'keepFloor(policy, good, kept)\n  keepUnfinished',
    replace: 'keepUnfinished',
    proof: 'test/unit/schedule/a-decision-says-why.test.ts',
  },
]
