// The fake project as the plugin's client sees it, and what it logged.
import { projectOf } from '../../../src/plugins/gcp/client/shared-projects.ts'
import type { Project } from '../../../src/plugins/gcp/client/project.ts'
import type { JsonObject } from '../../../src/kernel/json.ts'
import type { World } from '../../../src/world/world.ts'
import { shortWorld } from '../short-world.ts'
import type { FakeGcp } from '../../../src/testing/gcp/fake-gcp.ts'

export interface SmallProject {
  readonly project: Project
  readonly lines: readonly string[]
}

export async function smallProject(
  cloud: FakeGcp,
  { config = {}, signal, world = shortWorld() }: { config?: JsonObject; signal?: AbortSignal; world?: World } = {},
): Promise<SmallProject> {
  const lines: string[] = []
  const write = (text: string): void => void lines.push(text)
  const log = { debug: write, info: write, warning: write, error: write }
  const user = { world, signal: signal ?? new AbortController().signal, log }
  return { project: await projectOf(user, { ...cloud.clientConfig, ...config }), lines }
}
