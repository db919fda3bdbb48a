// What stands before instances: health checks, backend services, maps of addresses, proxies, certificates, forwarding rules.
import { readFile } from 'node:fs/promises'
import type { JsonObject } from '../../../kernel/json.ts'
import { operation, type PluginOperation } from '../../contract/operation.ts'
import { lastPart } from '../client/operations.ts'
import { pathOf } from '../client/project.ts'
import { badProperty, missing, notCreated } from '../errors.ts'
import { regionOf, sceneOf, type Scene } from '../settings.ts'
import type { ResourceKind } from './kind.ts'
import { resourceOperations } from './operations.ts'

/** Those of the properties that are there, under the API's names. */
function given({ settings: { options } }: Scene, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(names).flatMap(([property, field]) => {
      const value = options.value(property)
      return value === undefined ? [] : [[field, value]]
    }),
  )
}

const healthTypes = { http: 'httpHealthChecks', https: 'httpsHealthChecks' } as const

const healthCheck: ResourceKind = {
  word: 'health check',
  collection: ({ settings: { options } }) =>
    healthTypes[options.oneOf('health_check_type', ['http', 'https']) ?? 'http'],
  place: 'global',
  describe: ({ settings: { options } }) => ({ port: options.integer('port', 1, 65_535) ?? 80 }),
}

const backendIn = (place: 'global' | 'region'): ResourceKind => ({
  word: 'backend service',
  collection: 'backendServices',
  place,
  describe: ({ settings: { options } }) => ({
    healthChecks: [options.required('health_check', options.text)],
    protocol: options.text('protocol') ?? 'HTTP',
    ...(place === 'region' ? { loadBalancingScheme: 'INTERNAL' } : {}),
  }),
})

const urlMap: ResourceKind = {
  word: 'url map',
  collection: 'urlMaps',
  place: 'global',
  describe: ({ settings: { options } }) => ({ defaultService: options.required('default_service', options.text) }),
}

const proxyTypes = {
  http: 'targetHttpProxies',
  https: 'targetHttpsProxies',
  ssl: 'targetSslProxies',
  tcp: 'targetTcpProxies',
} as const

const targetProxy: ResourceKind = {
  word: 'target proxy',
  collection: ({ settings: { options } }) => {
    return proxyTypes[options.oneOf('target_proxy_type', ['http', 'https', 'ssl', 'tcp']) ?? 'http']
  },
  place: 'global',
  describe(scene) {
    const certificate = scene.settings.options.text('ssl_certificate')
    const sslCertificates = certificate === undefined ? {} : { sslCertificates: [certificate] }
    return { ...given(scene, { url_map: 'urlMap', service: 'service' }), ...sslCertificates }
  },
}

const sslCertificate: ResourceKind = {
  word: 'ssl certificate',
  collection: 'sslCertificates',
  place: 'global',
  describe: async (scene) => ({
    privateKey: await pemIn(scene, 'private_key'),
    certificate: await pemIn(scene, 'certificate'),
  }),
}

/** `{type: text | file, data: ...}`. */
async function pemIn({ ctx, settings }: Scene, property: string): Promise<string> {
  const read = settings.options.below(property)
  const data = read.required('data', (name) => read.text(name))
  return read.oneOf('type', ['text', 'file']) === 'file' ? readFile(await ctx.blueprintFile(data), 'utf8') : data
}

const forwardingRule: ResourceKind = {
  word: 'forwarding rule',
  collection: 'forwardingRules',
  place: 'region',
  describe: (scene) => ({
    IPProtocol: 'TCP',
    loadBalancingScheme: scene.settings.options.text('scheme') ?? 'EXTERNAL',
    ...given(scene, {
      ports: 'ports',
      network: 'network',
      subnet: 'subnetwork',
      backend_service: 'backendService',
      target_proxy: 'target',
      port_range: 'portRange',
      ip_address: 'IPAddress',
    }),
  }),
}

const globalForwardingRule: ResourceKind = {
  word: 'forwarding rule',
  collection: 'forwardingRules',
  place: 'global',
  describe: (scene) => ({
    target: scene.settings.options.required('target_proxy', scene.settings.options.text),
    portRange: scene.settings.options.text('port_range') ?? '80',
    ...given(scene, { ip_address: 'IPAddress' }),
  }),
}

/** The group of instances that does the work; there before or not, as is wanted. */
const changeBackend = (isAdded: boolean, isRegional: boolean): PluginOperation =>
  operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const { options } = scene.settings
      const [name, group] = [options.text('backend_service_name'), options.text('group_self_url')]
      if (name === undefined || group === undefined) throw notCreated('backend service')
      const place = isRegional ? pathOf`/regions/${regionOf(scene)}` : '/global'
      const path = `${place}${pathOf`/backendServices/${name}`}`
      const service = await scene.project.find<{
        readonly backends?: readonly JsonObject[]
        readonly fingerprint?: string
      }>({
        path,
      })
      if (service === undefined && !isAdded) return
      if (service === undefined) throw missing('backend service', name)
      const { backends = [], fingerprint = '' } = service
      if (backends.some((one) => one['group'] === group) === isAdded) return
      const wanted = isAdded ? [...backends, { group }] : backends.filter((one) => one['group'] !== group)
      await scene.project.change({ method: 'PATCH', path, body: { backends: wanted, fingerprint } })
      ctx.log.info(`Backend service ${name} has ${wanted.length} groups`)
    },
  })

const name = 'cloudify_gcp.compute'

const validated = (kind: ResourceKind): PluginOperation =>
  operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const { options } = scene.settings
      const isExternal = options.text('scheme') === 'EXTERNAL'
      if (isExternal && options.texts('ports').length > 0)
        throw badProperty('ports', 'an external rule has a port_range')
      await kind.describe(scene)
    },
  })

/** A peering has no address of its own: it stands in its network. */
const peering = (isAdded: boolean): PluginOperation =>
  operation({
    async run(ctx, inputs) {
      const { project, settings } = await sceneOf(ctx, inputs)
      const { options } = settings
      const network = lastPart(options.required('network', options.text))
      const path = pathOf`/global/networks/${network}`
      const called = settings.recordedName ?? settings.wantedName
      const there = await project.find<{ readonly peerings?: readonly { readonly name: string }[] }>({ path })
      if (there === undefined && !isAdded) return
      if (there === undefined) throw missing('network', network)
      if ((there.peerings ?? []).some((one) => one.name === called) !== isAdded) {
        const peerNetwork = options.text('peerNetwork') ?? ''
        const more = { peerNetwork, autoCreateRoutes: options.boolean('autoCreateRoutes') ?? true }
        const body = isAdded ? { name: called, ...more } : { name: called }
        await project.change({ path: `${path}/${isAdded ? 'addPeering' : 'removePeering'}`, body })
      }
      if (isAdded) ctx.instance.runtimeProperties['name'] = called
      else delete ctx.instance.runtimeProperties['name']
    },
  })

export const balancerOperations: Readonly<Record<string, PluginOperation>> = {
  ...resourceOperations(`${name}.health_check`, healthCheck),
  ...resourceOperations(`${name}.backend_service`, backendIn('global')),
  ...resourceOperations(`${name}.region_backend_service`, backendIn('region')),
  ...resourceOperations(`${name}.url_map`, urlMap),
  ...resourceOperations(`${name}.target_proxy`, targetProxy),
  ...resourceOperations(`${name}.ssl_certificate`, sslCertificate),
  ...resourceOperations(`${name}.forwarding_rule`, forwardingRule),
  ...resourceOperations(`${name}.global_forwarding_rule`, globalForwardingRule),
  [`${name}.forwarding_rule.creation_validation`]: validated(forwardingRule),
  [`${name}.global_forwarding_rule.creation_validation`]: validated(globalForwardingRule),
  [`${name}.backend_service.add_backend`]: changeBackend(true, false),
  [`${name}.backend_service.remove_backend`]: changeBackend(false, false),
  [`${name}.region_backend_service.add_backend`]: changeBackend(true, true),
  [`${name}.region_backend_service.remove_backend`]: changeBackend(false, true),
  [`${name}.network.add_peering`]: peering(true),
  [`${name}.network.remove_peering`]: peering(false),
}
