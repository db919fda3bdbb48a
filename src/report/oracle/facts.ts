// What the caller knows beside the log. Everything may be absent: rules that need it then say nothing.

export interface Facts {
  /** Node instance -> the instances that it relies on directly. */
  readonly dependencies?: Readonly<Record<string, readonly string[]>>
  /** Node instance -> the compute instance that it runs on. */
  readonly hosts?: Readonly<Record<string, string | null>>
  /** The user asked to go on behind failures. */
  readonly ignoresFailures?: boolean
  /** Node instance -> the power state that a suspend found and no resume has put back before. */
  readonly powerFound?: Readonly<Record<string, string>>
  /** Texts that must stand nowhere in the log. */
  readonly secrets?: readonly string[]
  /** Recovery point -> provider ids of the parts that were sealed in it, by this execution or an earlier one. */
  readonly sealed?: Readonly<Record<string, readonly string[]>>
  /** Provider id -> provider ids of parts that the catalog holds now and that rest on it. */
  readonly needed?: Readonly<Record<string, readonly string[]>>
}
