// Shares of file systems and the networks they live in, by Manila, in the words of its oldest version, which all clouds know.
import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import { operation, type PluginOperation } from '../../contract/operation.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { errorState, missing, notCreated } from '../errors.ts'
import { Reader } from '../reader.ts'
import { readThing } from '../resource/api.ts'
import { sceneOf } from '../resource/create.ts'
import { namedFieldsOf, wantedOf } from '../resource/fields.ts'
import { idOf, type ResourceKind, type Thing } from '../resource/kind.ts'
import { resourceOperations } from '../resource/operations.ts'
import { recordedId } from '../resource/record.ts'
import { relatedOfType } from '../resource/related.ts'
import { untilStatus } from '../wait.ts'

const shareNetworks: ResourceKind = {
  word: 'share network',
  type: 'share_network',
  service: 'share',
  path: '/share-networks',
  listPath: '/share-networks/detail',
  collection: 'share_networks',
  member: 'share_network',
  marking: 'description',
  async describe(scene) {
    const wanted = wantedOf(scene)
    const [network] = await relatedOfType(scene.ctx, 'network')
    const [subnet] = await relatedOfType(scene.ctx, 'subnet')
    const net = wanted.text('neutron_net_id') ?? network?.id
    const sub = wanted.text('neutron_subnet_id') ?? subnet?.id
    return {
      ...namedFieldsOf(scene),
      ...(net === undefined ? {} : { neutron_net_id: net }),
      ...(sub === undefined ? {} : { neutron_subnet_id: sub }),
    }
  },
}

const shares: ResourceKind = {
  word: 'share',
  type: 'share',
  service: 'share',
  path: '/shares',
  listPath: '/shares/detail',
  collection: 'shares',
  member: 'share',
  marking: 'description',
  async describe(scene) {
    const { share_network: named, ...fields } = namedFieldsOf(scene)
    const [related] = await relatedOfType(scene.ctx, shareNetworks.type)
    const network = typeof named === 'string' ? named : related?.id
    return { ...fields, ...(network === undefined ? {} : { share_network_id: network }) }
  },
  ready: ({ cloud }, share) => untilAvailable(cloud, idOf(shares, share)),
}

const name = (kind: string): string => `openstack_plugin.resources.share.${kind}`

/** Who was let in by us, by whom they were: only they are shut out again. */
const admitted = 'admitted'

export const shareOperations: Readonly<Record<string, PluginOperation>> = {
  ...resourceOperations(name('network_share'), shareNetworks),
  ...resourceOperations(name('file_share'), shares),
  [`${name('file_share')}.allow`]: operation({
    async run(ctx, inputs) {
      const from = new Reader(inputs)
      const who = from.required('access', from.text)
      const { cloud } = await sceneOf(ctx)
      const id = recordedId(ctx)
      if (id === undefined) throw notCreated(shares.word)
      if ((await rulesFor(cloud, id, who)).length > 0) return
      const known = ctx.instance.runtimeProperties
      known[admitted] = [...new Set([...new Reader(known).texts(admitted), who])]
      await ctx.save()
      const rule = { access_to: who, access_type: from.text('access_type') ?? 'ip' }
      await act(cloud, id, { 'os-allow_access': { ...rule, access_level: from.text('access_level') ?? 'rw' } })
      if ((await rulesFor(cloud, id, who)).length === 0)
        throw errorState(shares.word, id, '', `it does not let ${who} in`)
      ctx.log.info(`Share ${id} lets ${who} in`)
    },
  }),
  [`${name('file_share')}.deny`]: operation({
    async run(ctx, inputs) {
      const who = new Reader(inputs).text('access')
      const id = recordedId(ctx)
      const known = ctx.instance.runtimeProperties
      const ours = new Reader(known).texts(admitted)
      if (who === undefined || id === undefined || !ours.includes(who)) return
      const { cloud } = await sceneOf(ctx)
      for (const rule of await rulesFor(cloud, id, who)) {
        await act(cloud, id, { 'os-deny_access': { access_id: rule['id'] ?? null } })
      }
      known[admitted] = ours.filter((one) => one !== who)
      ctx.log.info(`Share ${id} shuts ${who} out`)
    },
  }),
}

async function rulesFor(cloud: Cloud, share: string, who: string): Promise<readonly JsonObject[]> {
  const body = await act(cloud, share, { 'os-access_list': null })
  return new Reader(body).list('access_list').flatMap(({ values }) => (values['access_to'] === who ? [values] : []))
}

async function act(cloud: Cloud, share: string, action: JsonObject): Promise<JsonObject> {
  const path = pathOf`/shares/${share}/action`
  const { body } = await cloud.request({ service: 'share', method: 'POST', path, body: action })
  return body !== null && isJsonObject(body) ? body : {}
}

async function untilAvailable(cloud: Cloud, id: string): Promise<Thing> {
  const read = async (): Promise<Thing> => {
    const share = await readThing(cloud, shares, id)
    if (share === undefined) throw missing(shares.word, id)
    return share
  }
  return untilStatus(cloud, read, {
    kind: shares.word,
    id,
    wanted: ['available'],
    status: (share) => String(share['status'] ?? ''),
  })
}
