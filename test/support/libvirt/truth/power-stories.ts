// How domains run, stand still, are saved, end, and are defined: states, reasons, events, refusals.
import type { Story } from './story.ts'

const metadata = { type: 2, key: 'f', uri: 'http://example.org/f/1', flags: 2 } as const

export const powerStories: readonly Story[] = [
  {
    claim: 'suspend may be said twice, resume not',
    async run(stage) {
      await stage.state()
      await stage.does('DOMAIN_SUSPEND', {})
      await stage.does('DOMAIN_SUSPEND', {})
      await stage.state()
      await stage.does('DOMAIN_RESUME', {})
      await stage.does('DOMAIN_RESUME', {})
      await stage.state()
      await stage.events(2)
    },
    told: [
      'DOMAIN_GET_STATE: 1/1',
      'DOMAIN_SUSPEND: done',
      'DOMAIN_SUSPEND: done',
      'DOMAIN_GET_STATE: 3/1',
      'DOMAIN_RESUME: done',
      'DOMAIN_RESUME: error 55',
      'DOMAIN_GET_STATE: 1/5',
      'events: lifecycle 3/0, lifecycle 4/0',
    ],
  },
  {
    claim: 'a domain that is destroyed can be started again, and not destroyed again',
    async run(stage) {
      await stage.does('DOMAIN_DESTROY', {})
      await stage.state()
      await stage.does('DOMAIN_DESTROY', {})
      await stage.does('DOMAIN_SUSPEND', {})
      await stage.does('DOMAIN_RESUME', {})
      await stage.events(2)
      await stage.does('DOMAIN_CREATE_WITH_FLAGS', { flags: 1 }, ({ dom }) => (dom.id > 0 ? 'has an id' : 'has none'))
      await stage.state()
      await stage.events(2, 'in any order')
      await stage.does('DOMAIN_CREATE', {})
    },
    told: [
      'DOMAIN_DESTROY: done',
      'DOMAIN_GET_STATE: 5/2',
      'DOMAIN_DESTROY: error 55',
      'DOMAIN_SUSPEND: error 55',
      'DOMAIN_RESUME: error 55',
      'events: lifecycle 6/2, lifecycle 5/1',
      'DOMAIN_CREATE_WITH_FLAGS: has an id',
      'DOMAIN_GET_STATE: 3/1',
      'events: lifecycle 2/0, lifecycle 3/0',
      'DOMAIN_CREATE: error 55',
    ],
  },
  {
    claim: 'a guest that is told to shut down by its agent ends by itself',
    async run(stage) {
      await stage.does('DOMAIN_SHUTDOWN_FLAGS', { flags: 2 })
      await stage.events(2)
      await stage.state()
    },
    told: ['DOMAIN_SHUTDOWN_FLAGS: done', 'events: lifecycle 6/1, lifecycle 5/0', 'DOMAIN_GET_STATE: 5/1'],
  },
  {
    claim: 'a managed save stops the guest, and the next start goes on from it',
    async run(stage) {
      await stage.does('DOMAIN_MANAGED_SAVE', { flags: 0 })
      await stage.state()
      await stage.does('DOMAIN_HAS_MANAGED_SAVE_IMAGE', { flags: 0 }, ({ result }) => String(result))
      await stage.does('DOMAIN_UNDEFINE_FLAGS', { flags: 0 })
      await stage.events(3)
      await stage.does('DOMAIN_CREATE', {})
      await stage.state()
      await stage.events(2)
      await stage.does('DOMAIN_MANAGED_SAVE_REMOVE', { flags: 0 })
    },
    told: [
      'DOMAIN_MANAGED_SAVE: done',
      'DOMAIN_GET_STATE: 5/5',
      'DOMAIN_HAS_MANAGED_SAVE_IMAGE: 1',
      'DOMAIN_UNDEFINE_FLAGS: error 55',
      'events: lifecycle 3/0, job 2, lifecycle 5/4',
      'DOMAIN_CREATE: done',
      'DOMAIN_GET_STATE: 1/3',
      'events: lifecycle 2/2, lifecycle 4/2',
      'DOMAIN_MANAGED_SAVE_REMOVE: error 38',
    ],
  },
  {
    claim: 'a document is refused by what is wrong with it',
    async run(stage) {
      const { xml } = await stage.asks('DOMAIN_GET_XML_DESC', { flags: 2 })
      const define = (text: string) => stage.does('DOMAIN_DEFINE_XML_FLAGS', { xml: text, flags: 0 })
      await define('<domain')
      await define('<network/>')
      await define("<domain type='qemu'><memory>1</memory></domain>")
      await define(xml.replace(/<uuid>.*<\/uuid>/, '<uuid>12345678-1234-4234-8234-123456789abc</uuid>'))
      await define(xml.replace(/<name>.*<\/name>/, '<name>truth-other</name>'))
      await define(xml.replace(/<uuid>.*<\/uuid>/, ''))
      await define(xml)
      await stage.events(1)
    },
    told: [
      'DOMAIN_DEFINE_XML_FLAGS: error 35',
      'DOMAIN_DEFINE_XML_FLAGS: error 27',
      'DOMAIN_DEFINE_XML_FLAGS: error 21',
      'DOMAIN_DEFINE_XML_FLAGS: error 9',
      'DOMAIN_DEFINE_XML_FLAGS: error 9',
      'DOMAIN_DEFINE_XML_FLAGS: error 9',
      'DOMAIN_DEFINE_XML_FLAGS: done',
      'events: lifecycle 0/1',
    ],
  },
  {
    claim: 'metadata is an element of its own, in the stored document alone when that was asked',
    async run(stage) {
      const show = ({ metadata: text }: { readonly metadata: string }): string =>
        text.replaceAll('"', "'").replaceAll(/\s+/g, ' ').trim()
      await stage.does('DOMAIN_GET_METADATA', { type: 2, uri: metadata.uri, flags: 2 }, show)
      await stage.does('DOMAIN_SET_METADATA', { ...metadata, metadata: "<mark a='1'><b>c</b></mark>" })
      await stage.does('DOMAIN_GET_METADATA', { type: 2, uri: metadata.uri, flags: 2 }, show)
      await stage.does('DOMAIN_GET_METADATA', { type: 2, uri: metadata.uri, flags: 1 }, show)
      await stage.does('DOMAIN_SET_METADATA', { ...metadata, metadata: '<mark' })
      await stage.does('DOMAIN_SET_METADATA', { ...metadata, metadata: '<f:mark/>' })
      await stage.does('DOMAIN_SET_METADATA', { ...metadata, metadata: null })
      await stage.does('DOMAIN_GET_METADATA', { type: 2, uri: metadata.uri, flags: 2 }, show)
      await stage.does('DOMAIN_SET_METADATA', { ...metadata, metadata: null })
    },
    told: [
      'DOMAIN_GET_METADATA: error 80',
      'DOMAIN_SET_METADATA: done',
      "DOMAIN_GET_METADATA: <mark a='1'> <b>c</b> </mark>",
      'DOMAIN_GET_METADATA: error 80',
      'DOMAIN_SET_METADATA: error 35',
      'DOMAIN_SET_METADATA: done',
      'DOMAIN_SET_METADATA: done',
      'DOMAIN_GET_METADATA: error 80',
      'DOMAIN_SET_METADATA: done',
    ],
  },
  {
    claim: 'a domain that is undefined while it runs is transient, and gone when it ends',
    async run(stage) {
      await stage.does('DOMAIN_UNDEFINE_FLAGS', { flags: 0 })
      await stage.does('DOMAIN_IS_PERSISTENT', {}, ({ persistent }) => String(persistent))
      await stage.does('DOMAIN_MANAGED_SAVE', { flags: 0 })
      await stage.does('DOMAIN_DESTROY', {})
      await stage.does('DOMAIN_GET_STATE', { flags: 0 })
      await stage.does('DOMAIN_SUSPEND', {})
      await stage.events(3)
    },
    told: [
      'DOMAIN_UNDEFINE_FLAGS: done',
      'DOMAIN_IS_PERSISTENT: 0',
      'DOMAIN_MANAGED_SAVE: error 55',
      'DOMAIN_DESTROY: done',
      'DOMAIN_GET_STATE: error 42',
      'DOMAIN_SUSPEND: error 42',
      'events: lifecycle 1/0, lifecycle 6/2, lifecycle 5/1',
    ],
  },
  {
    claim: 'a domain is found by its uuid, whatever name and id are said',
    async run(stage) {
      const { client, dom } = stage
      const wrong = { name: 'another', uuid: dom.uuid, id: 4711 }
      const { state } = await client.call('DOMAIN_GET_STATE', { dom: wrong })
      stage.tell(`state ${state}`)
      const unknown = { ...dom, uuid: '12345678-1234-4234-8234-123456789abc' }
      await client.call('DOMAIN_GET_STATE', { dom: unknown }).catch((error: Error) => stage.tell(codeOf(error)))
      await client
        .call('DOMAIN_LOOKUP_BY_NAME', { name: 'truth-nowhere' })
        .catch((error: Error) => stage.tell(codeOf(error)))
    },
    told: ['state 1', 'error 42', 'error 42'],
  },
]

const codeOf = (error: Error): string => `error ${String((error as Error & { readonly code?: number }).code)}`
