// What a lint rule is: one thing that the language allows and that costs somebody a backup.
import type { Document } from '../document.ts'
import type { Plan, PlannedPlugin } from '../plan.ts'
import type { Place } from '../reporter.ts'
import type { SourceFile } from '../source/source-file.ts'

/** What the caller knows beside the blueprint. */
export interface LintKnowledge {
  /** False: nobody provides that operation of the plugin. undefined: unknown, nothing is said. */
  readonly provides?: (plugin: PlannedPlugin, operation: string) => boolean | undefined
  /** Milliseconds that a node may stay frozen when nobody says otherwise. Default 30,000. */
  readonly lease?: number
}

export interface LintScene {
  readonly plan: Plan
  readonly document: Document
  readonly provides: (plugin: PlannedPlugin, operation: string) => boolean | undefined
  readonly lease: number
  /** The file belongs to the author of the blueprint: it is neither bundled nor a plugin's. */
  isOwn(source: SourceFile): boolean
}

export interface Finding {
  readonly place: Place
  /** Where a line is meant that is no part of any value: a comment. */
  readonly line?: number
  readonly message: string
  readonly hint: string
}

export interface LintExample {
  /** What stands below the version line. */
  readonly blueprint: string
  readonly files?: Readonly<Record<string, string>>
  /** Operations that somebody provides, as `plugin.operation`; absent: nothing is known. */
  readonly provided?: readonly string[]
}

export interface LintRule {
  /** Stable: `lint.snake_case`. */
  readonly id: `lint.${string}`
  /** What it finds, in one sentence. */
  readonly summary: string
  /** What happens to somebody who ignores it. */
  readonly why: string
  /** A blueprint that the rule warns of, and only this rule. */
  readonly example: LintExample
  /** The same blueprint as it should be. */
  readonly better: LintExample
  check(scene: LintScene): Iterable<Finding>
}
