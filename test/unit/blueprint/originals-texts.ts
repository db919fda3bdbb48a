// What a test knows of a blueprint in the manner of the originals' examples.

export interface UsersBlueprint {
  readonly name: string
  readonly text: string
  /** Files beside it. */
  readonly files?: readonly string[]
  readonly inputs?: Readonly<Record<string, string>>
  /** Nodes that are compute nodes; all others are services. */
  readonly computes: readonly string[]
  /** Node -> what it stands on, where it does. */
  readonly hosts?: Readonly<Record<string, string>>
  /** `node interface.operation` -> `plugin.operation`. */
  readonly mappings: Readonly<Record<string, string>>
}
