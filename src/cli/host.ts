// What the command line needs of the process it runs in. The bin entry gives the real one, tests give their own.
import type { Fermata } from '../engine/api.ts'
import type { World } from '../world/world.ts'

export interface OutputStream {
  /** False: wait for `drained` before writing much more. */
  write(text: string): boolean
  drained(): Promise<void>
  /** Aborts when the reader has gone (`| head`); what is written after that is dropped. */
  readonly closed: AbortSignal
  /** Width of the terminal; undefined when there is none. */
  readonly columns: number | undefined
  readonly isTerminal: boolean
}

export interface CliHost {
  open(options: { readonly home: string; readonly world: World }): Promise<Fermata>
  readonly world: World
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly stdin: { readonly isTerminal: boolean; read(): Promise<string>; readHidden(prompt: string): Promise<string> }
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that holds the state when neither an option nor FERMATA_HOME names one. */
  readonly defaultHome: string
  /** Calls `handler` at each Ctrl-C or request to end, until the returned function is called. */
  onInterrupt(handler: () => void): () => void
}
