// How networks come and go. Only one that libvirt can start without a firewall.
import type { ProcedureName } from '../../../../src/plugins/libvirt/client/procedures.ts'
import type { Stage } from './stage.ts'
import type { Story } from './story.ts'

const networkXml = (more = ''): string =>
  `<network><name>truth</name>${more}<bridge name='vbltruth'/><forward mode='open'/><dns enable='no'/><ip address='10.255.99.1' netmask='255.255.255.0'/></network>`

type About = Extract<ProcedureName, 'NETWORK_CREATE' | 'NETWORK_DESTROY' | 'NETWORK_UNDEFINE'>

export const networkStories: readonly Story[] = [
  {
    claim: 'a network is defined, started, stopped and forgotten, each in its state',
    async run(stage: Stage) {
      const { client } = stage
      const define = (xml: string) =>
        stage.tries(
          'define',
          () => client.call('NETWORK_DEFINE_XML', { xml }),
          ({ net }) => net.name,
        )
      await define('<network')
      await define('<nothing/>')
      const defined = await define(networkXml())
      if (!defined) return
      const { net } = defined
      const does = (name: About) => stage.tries(name, () => client.call(name, { net }))
      await define(networkXml('<uuid>12345678-1234-4234-8234-123456789abc</uuid>'))
      await define(networkXml())
      await does('NETWORK_DESTROY')
      await does('NETWORK_CREATE')
      await does('NETWORK_CREATE')
      const lookup = () =>
        stage.tries(
          'find',
          () => client.call('NETWORK_LOOKUP_BY_NAME', { name: 'truth' }),
          (found) => found.net.name,
        )
      await does('NETWORK_UNDEFINE')
      await lookup()
      await stage.tries(
        'persistent',
        () => client.call('NETWORK_IS_PERSISTENT', { net }),
        ({ persistent }) => String(persistent),
      )
      await does('NETWORK_UNDEFINE')
      await does('NETWORK_DESTROY')
      await lookup()
      await does('NETWORK_CREATE')
      await stage.tries('leases', () => client.call('NETWORK_GET_DHCP_LEASES', { net, mac: null }))
    },
    told: [
      'define: error 35',
      'define: error 27',
      'define: truth',
      'define: error 9',
      'define: error 9',
      'NETWORK_DESTROY: error 55',
      'NETWORK_CREATE: done',
      'NETWORK_CREATE: error 55',
      'NETWORK_UNDEFINE: done',
      'find: truth',
      'persistent: 0',
      'NETWORK_UNDEFINE: error 55',
      'NETWORK_DESTROY: done',
      'find: error 43',
      'NETWORK_CREATE: error 43',
      'leases: error 43',
    ],
  },
]
