// What the outside may ask about servers of OpenStack clouds that no blueprint describes.
import type { JsonObject } from '../kernel/json.ts'
import type { ExecutionDetails, StartOptions } from './api.ts'

/** A cloud of clouds.yaml; without one, OS_CLOUD or the OS_* variables say which it is. */
export interface ServerCloud {
  readonly cloud?: string
}

export interface ServerStart extends Omit<StartOptions, 'deploymentId' | 'allowCustomParameters'> {
  /** `instance_snapshot`, `restore_clone_snapshot` or `restore_inplace_snapshot`. */
  readonly workflow: string
  /** Name or id of the server; or of its node, in a deployment that has it. */
  readonly instance: string
  /** Of the workflow, without `instance`. */
  readonly parameters: JsonObject
  /** Default: the cloud that the environment tells. */
  readonly on?: ServerCloud | { readonly deploymentId: string }
}

export interface OpenstackServers {
  run(options: ServerStart): Promise<ExecutionDetails>
}
