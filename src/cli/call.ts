// One call of one command: its arguments and options with their types, where it prints, and the Fermata it works with.
import type { Fermata } from '../engine/api.ts'
import { fault } from '../kernel/fault.ts'
import { paintFor, type Paint } from './colours.ts'
import type { CliHost } from './host.ts'
import type { ParsedOptions } from './parse-options.ts'
import { fieldsText, tableText, type Cell } from './table.ts'

export interface ListOptions<Item> {
  readonly items: readonly Item[]
  readonly head: readonly string[]
  /** The id stands first. */
  readonly row: (item: Item) => readonly Cell[]
  /** Said when the list is empty: `there are no blueprints yet`. */
  readonly none: string
}

export class Call {
  readonly host: CliHost
  readonly isJson: boolean
  readonly isQuiet: boolean
  readonly isVerbose: boolean
  /** For stdout. */
  readonly paint: Paint
  readonly #parsed: ParsedOptions
  #opened: Promise<Fermata> | undefined

  constructor(host: CliHost, parsed: ParsedOptions) {
    this.host = host
    this.#parsed = parsed
    this.isJson = this.flag('json')
    this.isQuiet = this.flag('quiet')
    this.isVerbose = this.flag('verbose')
    this.paint = paintFor(host.env, host.stdout.isTerminal, this.wantsColour)
  }

  get wantsColour(): boolean {
    return this.#parsed.options.color !== false
  }

  /** An argument that the command declares as needed. */
  argument(position: number): string {
    return this.#parsed.arguments[position] ?? ''
  }

  optionalArgument(position: number): string | undefined {
    return this.#parsed.arguments[position]
  }

  /** All words that are no options. */
  get words(): readonly string[] {
    return this.#parsed.arguments
  }

  text(option: string): string | undefined {
    const value = this.#parsed.options[option]
    return typeof value === 'string' ? value : undefined
  }

  list(option: string): readonly string[] {
    const value = this.#parsed.options[option]
    return Array.isArray(value) ? value.map(String) : []
  }

  flag(option: string): boolean {
    return this.#parsed.options[option] === true
  }

  /** A whole number. @throws Fault `usage.bad_argument` */
  wholeNumber(option: string, flag: string, least: number): number | undefined {
    const text = this.text(option)
    if (text === undefined) return undefined
    const value = Number(text)
    if (/^-?\d{1,9}$/.test(text) && value >= least) return value
    const message = `${flag} wants a whole number from ${least} on, not '${text}'`
    throw fault('usage.bad_argument', { details: { message } })
  }

  /** Opens the state directory at the first call. */
  fermata(): Promise<Fermata> {
    const fromEnvironment = this.host.env.FERMATA_HOME
    const home = this.text('home') ?? (fromEnvironment === '' ? undefined : fromEnvironment) ?? this.host.defaultHome
    this.#opened ??= this.host.open({ home, world: this.host.world })
    return this.#opened
  }

  async close(): Promise<void> {
    // What could not be opened has been reported where it was asked for.
    const fermata = await this.#opened?.catch(() => undefined)
    await fermata?.[Symbol.asyncDispose]()
  }

  print(text: string): void {
    this.host.stdout.write(`${text}\n`)
  }

  printJson(value: unknown): void {
    this.print(JSON.stringify(value, null, 2))
  }

  /** For people; nothing with --quiet, and not where JSON is read. */
  say(text: string): void {
    if (!this.isQuiet && !this.isJson) this.print(text)
  }

  async printList<Item>({ items, head, row, none }: ListOptions<Item>): Promise<void> {
    if (this.isJson) return this.printJson(items)
    if (this.isQuiet) return items.forEach((item) => this.print(String(row(item)[0])))
    if (items.length === 0) return this.print(none)
    this.print(await tableText({ head, rows: items.map(row), paint: this.paint }))
  }

  printFields(fields: readonly (readonly [string, Cell])[]): void {
    this.print(fieldsText(fields, this.paint))
  }
}
