// What a node says of itself: which project it lives in and as whom, which thing there it is, what that should be like.
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import type { OperationContext } from '../contract/context.ts'
import { projectOf } from './client/shared-projects.ts'
import type { Project } from './client/project.ts'
import { badProperty } from './errors.ts'
import { safeName } from './names.ts'
import { Reader } from './reader.ts'
import { lastPart } from './client/operations.ts'

export interface GcpSettings {
  /** How to reach the project: `client_config` with the older `gcp_config` below it. Holds secrets. */
  readonly clientConfig: JsonObject
  /** In the cloud; undefined: it was not made, and the blueprint names none. */
  readonly recordedName: string | undefined
  /** What one that is made is called. */
  readonly wantedName: string
  /** Of the node's own, or of its runtime properties. */
  readonly zone: string | undefined
  /** It was there before the deployment, and stays when that goes. */
  readonly isExternal: boolean
  /** Of the API's own fields: handed on as they are. */
  readonly additional: JsonObject
  /** All that was given: inputs before properties. */
  readonly options: Reader
}

export interface Scene {
  readonly ctx: OperationContext
  readonly project: Project
  readonly settings: GcpSettings
}

export async function sceneOf(ctx: OperationContext, inputs: JsonObject = {}): Promise<Scene> {
  const settings = await settingsOf(ctx, inputs)
  return { ctx, settings, project: await projectOf(ctx, settings.clientConfig) }
}

/** The same project for who cleans up: it heeds no cancel. */
export function lastingProject({ ctx, settings }: Scene): Promise<Project> {
  return projectOf({ ...ctx, signal: new AbortController().signal }, settings.clientConfig)
}

/** Inputs win over properties. @throws Fault `gcp.bad_property` */
export async function settingsOf(
  ctx: Pick<OperationContext, 'node' | 'instance' | 'evaluate'>,
  inputs: JsonObject = {},
): Promise<GcpSettings> {
  const evaluated = await ctx.evaluate(ctx.node.properties)
  const properties = isJsonObject(evaluated) ? evaluated : {}
  const { runtimeProperties } = ctx.instance
  const options = new Reader({ ...filled(properties), ...filled(inputs) })
  const known = new Reader(runtimeProperties)
  const isExternal = options.boolean('use_external_resource') ?? false
  const external = isExternal ? (options.text('resource_id') ?? options.text('name')) : undefined
  const zone = known.text('zone') ?? options.text('zone')
  return {
    clientConfig: Object.assign(
      {},
      ...['gcp_config', 'client_config'].map((name) => filled(mapping(properties, name))),
    ) as JsonObject,
    recordedName: known.text('name') ?? external,
    wantedName: external ?? safeName(options.text('name') ?? options.text('resource_id') ?? ctx.instance.id),
    zone: zone === undefined ? undefined : lastPart(zone),
    isExternal,
    additional: mapping({ ...properties, ...filled(inputs) }, 'additional_settings'),
    options,
  }
}

/** @throws Fault `gcp.bad_property` */
export function zoneOf({ settings, project }: Pick<Scene, 'settings' | 'project'>): string {
  const zone = settings.zone ?? project.zone
  if (zone === undefined) throw badProperty('client_config.zone', 'it is missing, and the node names none')
  return zone
}

/** @throws Fault `gcp.bad_property` */
export function regionOf({ settings, project }: Pick<Scene, 'settings' | 'project'>): string {
  const region = settings.options.text('region') ?? project.region
  if (region === undefined)
    throw badProperty('region', 'it is missing, and client_config names neither region nor zone')
  return lastPart(region)
}

function mapping(layer: JsonObject, name: string): JsonObject {
  const value: Json = layer[name] ?? {}
  if (value === '') return {}
  if (!isJsonObject(value)) throw badProperty(name, 'expected a mapping')
  return value
}

function filled(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ''))
}
