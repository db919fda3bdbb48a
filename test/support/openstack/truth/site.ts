// What tells the two kinds of cloud apart for a story: where it is, who asks, what there is to begin with.
import type { Stage } from './stage.ts'

export interface TruthSite extends AsyncDisposable {
  readonly authUrl: string
  readonly username: string
  readonly password: string
  readonly project: string
  /** Ids. */
  readonly image: string
  readonly flavor: string
  /** How long the longest work may take, in ms. */
  readonly patience: number
  /** How long it waits between two looks, in ms. */
  readonly pause: number
  /** Lets a step of the fake wait until it is released; the work of a real cloud is long enough. */
  hold(step: string): { release(): void }
  /** Lets the cloud's clock go on by more than a second. */
  nextSecond(): Promise<void>
}

/** One story about a cloud, and what is told of it by OpenStack Zed. */
export interface Story {
  /** A sentence about OpenStack. */
  readonly claim: string
  run(stage: Stage): Promise<void>
  readonly told: readonly string[]
}
