// The server's half of keepalive: asks after silence, hangs up when nothing is answered, always answers.
const ping = 1
const pong = 2
const mostUnanswered = 5

export class KeepAlive {
  readonly #interval: number
  readonly #send: (procedure: number) => void
  readonly #giveUp: () => void
  #timer: NodeJS.Timeout | undefined
  #unanswered = 0

  /** @param interval ms of silence before a question */
  constructor(interval: number, send: (procedure: number) => void, giveUp: () => void) {
    this.#interval = interval
    this.#send = send
    this.#giveUp = giveUp
  }

  start(): void {
    this.stop()
    this.#timer = setInterval(() => this.#ask(), this.#interval)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #ask(): void {
    if (this.#unanswered++ >= mostUnanswered) this.#giveUp()
    else this.#send(ping)
  }

  /** Any packet counts as life. */
  heard(): void {
    this.#unanswered = 0
    this.#timer?.refresh()
  }

  take(procedure: number): void {
    if (procedure === ping) this.#send(pong)
  }
}
