// Images, groups of instances, and the keys that let people in.
import { readFile } from 'node:fs/promises'
import { fault } from '../../../kernel/fault.ts'
import { wordsOf } from '../../../kernel/words.ts'
import { operation, type PluginOperation } from '../../contract/operation.ts'
import { pathOf } from '../client/project.ts'
import { badProperty, notCreated } from '../errors.ts'
import { networkNamed } from '../instance/describe.ts'
import { sceneOf, zoneOf } from '../settings.ts'
import type { ResourceKind } from './kind.ts'
import { resourceOperations } from './operations.ts'

const image: ResourceKind = {
  word: 'image',
  collection: 'images',
  place: 'global',
  describe({ settings: { options, additional } }) {
    const sources = ['sourceDisk', 'sourceImage', 'sourceSnapshot', 'rawDisk']
    if (options.has('image_path'))
      throw badProperty('image_path', 'files are not uploaded; say rawDisk in additional_settings')
    if (!sources.some((source) => source in additional)) {
      throw badProperty('additional_settings', `an image needs one of ${sources.join(', ')}`)
    }
    const family = options.text('family')
    return family === undefined ? {} : { family }
  },
}

const instanceGroup: ResourceKind = {
  word: 'instance group',
  collection: 'instanceGroups',
  place: 'zone',
  describe: ({ settings: { options }, project }) => ({
    network: networkNamed(project.network),
    namedPorts: options.list('named_ports').map(({ values }) => values),
  }),
}

const changeGroup = (isAdded: boolean): PluginOperation =>
  operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const { options } = scene.settings
      const group = options.text('instance_group_name')
      const instance = options.text('instance_url')
      if (group === undefined || instance === undefined) throw notCreated('instance group')
      const path = pathOf`/zones/${zoneOf(scene)}/instanceGroups/${group}`
      const members: string[] = []
      const there = await scene.project.find({ path })
      if (there === undefined && !isAdded) return
      const { items = [] } = await scene.project.request<{ readonly items?: readonly { readonly instance: string }[] }>(
        {
          method: 'POST',
          path: `${path}/listInstances`,
          body: {},
          isRead: true,
        },
      )
      members.push(...items.map((item) => item.instance))
      if (members.includes(instance) === isAdded) return
      const action = isAdded ? 'addInstances' : 'removeInstances'
      await scene.project.change({ path: `${path}/${action}`, body: { instances: [{ instance }] } })
      ctx.log.info(`Group ${group} has ${isAdded ? 'one more instance' : 'one instance less'}`)
    },
  })

/** Nothing is made in the cloud: the public half goes to the instances that are connected to it. */
const createKey = operation({
  async run(ctx, inputs) {
    const { settings } = await sceneOf(ctx, inputs)
    const path = settings.options.required('public_key_path', settings.options.text)
    let text: string
    try {
      text = await readFile(path.startsWith('/') ? path : await ctx.blueprintFile(path), 'utf8')
    } catch (thrown) {
      throw fault('gcp.unreadable_file', { details: { path, reason: wordsOf(thrown) }, cause: thrown })
    }
    if (!/^(ssh-|ecdsa-|sk-)/.test(text)) throw badProperty('public_key_path', 'it holds no public key for SSH')
    ctx.instance.runtimeProperties['gcp_public_key'] = text.trim()
  },
})

const deleteKey = operation({
  async run(ctx) {
    delete ctx.instance.runtimeProperties['gcp_public_key']
  },
})

const name = 'cloudify_gcp.compute'

export const otherOperations: Readonly<Record<string, PluginOperation>> = {
  ...resourceOperations(`${name}.image`, image),
  ...resourceOperations(`${name}.instance_group`, instanceGroup),
  [`${name}.instance_group.add_to_instance_group`]: changeGroup(true),
  [`${name}.instance_group.remove_from_instance_group`]: changeGroup(false),
  [`${name}.keypair.create`]: createKey,
  [`${name}.keypair.delete`]: deleteKey,
}
