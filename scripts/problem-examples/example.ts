// What an example of a problem is: a small blueprint that has it.
import type { BlueprintTexts } from '../../src/blueprint/parse-blueprint.ts'
import type { JsonObject } from '../../src/kernel/json.ts'

export interface ProblemExample {
  /** What stands below the version line. */
  readonly blueprint: string
  /** Default `cloudify_dsl_1_3`; null: there is no version line. */
  readonly version?: string | null
  readonly files?: Readonly<Record<string, string>>
  readonly blueprints?: BlueprintTexts['blueprints']
  readonly plugins?: BlueprintTexts['plugins']
  /** Given when the deployment is made. Problems of deployments need them, be they empty. */
  readonly inputs?: JsonObject
  /** Secrets that exist; absent: there is no secret store. */
  readonly secrets?: readonly string[]
  /** Asked for when the deployment is scaled. */
  readonly scale?: Readonly<Record<string, number>>
  /** Too long to be printed: what it is, in words. */
  readonly words?: string
}

/** Built-in types. */
export const types = 'imports: [cloudify/types/types.yaml]\n'

/** A type `thing` and nodes of it. */
export function things(nodes: string, type = '{}'): string {
  return `node_types:\n  thing: ${type}\nnode_templates:\n${nodes}`
}
