// When a workflow runs again after a crash, it says its lines again. Those that are in the event log already are not
// written twice.

export class SaidBefore {
  readonly #left = new Map<string, number>()

  constructor(lines: readonly string[]) {
    for (const line of lines) this.#left.set(line, (this.#left.get(line) ?? 0) + 1)
  }

  once(line: string, say: () => void): void {
    const left = this.#left.get(line) ?? 0
    if (left > 0) this.#left.set(line, left - 1)
    else say()
  }
}
