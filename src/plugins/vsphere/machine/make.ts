// A new machine, cloned off a template or another machine. Known again by a mark in its extra configuration.
import { isJsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { textAt } from '../client/element.ts'
import { anyText, struct, type Ref, type Struct } from '../client/value.ts'
import type { VCenter } from '../client/vcenter.ts'
import { badProperty } from '../errors.ts'
import { digestOf, markName } from '../mark.ts'
import type { VsphereSettings } from '../settings.ts'
import { untilIdle } from './idle.ts'
import type { NodeVCenter } from './machine-of.ts'
import { machineNamed, objectsNamed } from './machine-of.ts'
import { placeOf } from './place.ts'

/** At most once, whatever becomes of an answer. It is off. */
export async function makeMachine(ctx: OperationContext, { vcenter, settings }: NodeVCenter): Promise<Ref> {
  const { server, limit } = settings
  const name = assertMakeable(settings)
  const source = server.text('clone_vm') ?? server.required('template', server.text)
  const template = await machineNamed(vcenter, source)
  const place = await placeOf(vcenter, settings)
  return ctx.once({
    lookUp: async (key) => {
      await untilIdle(vcenter, template, limit)
      return machineMarked(vcenter, name, key)
    },
    async create(key) {
      const location = struct([
        ['datastore', place.datastore],
        ['pool', place.pool],
        ['host', place.host],
      ])
      const result = await vcenter.run(
        template,
        'CloneVM_Task',
        [
          ['folder', place.folder],
          ['name', name],
          [
            'spec',
            struct([
              ['location', location],
              ['template', false],
              ['config', configOf(settings, key)],
              ['powerOn', false],
            ]),
          ],
        ],
        { limit, progress: (percent) => ctx.log.debug(`Cloning ${source}: ${percent} %`) },
      )
      return { type: 'VirtualMachine', id: result?.text.trim() ?? '' }
    },
  })
}

// In the order of the WSDL.
function configOf({ server, options }: VsphereSettings, key: string): Struct {
  const extra = options.below('extra_config').values
  const option = (name: string, text: string): Struct =>
    struct(
      [
        ['key', name],
        ['value', anyText(text)],
      ],
      'OptionValue',
    )
  return struct([
    ['numCPUs', server.integer('cpus', 1, 1024)],
    ['memoryMB', server.integer('memory', 4)],
    [
      'extraConfig',
      [
        ...Object.entries(extra).map(([name, value]) =>
          option(name, isJsonObject(value) ? JSON.stringify(value) : String(value)),
        ),
        option(markName, digestOf(key)),
      ],
    ],
  ])
}

/** What would be left out in silence is refused. Gives the name. @throws Fault `vsphere.bad_property` */
export function assertMakeable({ options, server, name }: VsphereSettings): string {
  if (name === undefined) throw badProperty('server.name', 'it is missing')
  const networks = options.below('networking').list('connect_networks')
  if (networks.length > 0) {
    throw badProperty('networking.connect_networks', 'a machine keeps the networks of its template; leave them out')
  }
  if (server.has('disk_size')) throw badProperty('server.disk_size', 'a machine keeps the disks of its template')
  if (options.text('custom_sysprep') !== undefined) throw badProperty('custom_sysprep', 'guests are not customised')
  return name
}

async function machineMarked(vcenter: VCenter, name: string, key: string): Promise<Ref | undefined> {
  for (const ref of await objectsNamed(vcenter, { type: 'VirtualMachine', name })) {
    const options = (await vcenter.find(ref, ['config.extraConfig']))?.values.get('config.extraConfig')?.children ?? []
    const isOurs = options.some(
      (option) => textAt(option, 'key') === markName && textAt(option, 'value') === digestOf(key),
    )
    if (isOurs) return ref
  }
  return undefined
}
