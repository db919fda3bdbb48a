// How a case of the contract suite says that the plugin does not keep the contract, and that it cannot tell.

export class ContractBroken extends Error {
  override readonly name = 'ContractBroken'
}

export class CaseSkipped extends Error {
  override readonly name = 'CaseSkipped'
}

/** @throws ContractBroken unless the condition holds; `words` say what should have been. */
export function must(condition: boolean, words: string): asserts condition {
  if (!condition) throw new ContractBroken(words)
}

/**
 * What the work rejects with; undefined when it resolves.
 * @throws CaseSkipped when the work could not even be begun
 */
export async function rejection(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (thrown: unknown) => {
      if (thrown instanceof CaseSkipped) throw thrown
      return thrown ?? new Error('rejected with nothing')
    },
  )
}
