// `fleet show`: what each host of a run came to.
import { fleetHostStates } from '../../engine/fleet-api.ts'
import { fault } from '../../kernel/fault.ts'
import type { CommandDefinition } from '../definition.ts'
import { fleetText } from '../fleet-table.ts'

export const fleetShow: CommandDefinition = {
  words: 'fleet show',
  summary: 'show what each host of a run came to',
  arguments: [{ name: 'EXECUTION_ID', description: 'the run' }],
  options: [
    { flags: '--output', description: 'all that is kept of what the hosts printed' },
    { flags: '--state <state>', description: `only hosts that are ${fleetHostStates.join(', ')}`, isRepeatable: true },
  ],
  examples: ['fermata fleet show ID --state failed --output'],
  async run(call) {
    const states = call.list('state')
    const unknown = states.find((state) => !fleetHostStates.some((known) => known === state))
    if (unknown !== undefined) {
      const message = `--state wants ${fleetHostStates.join(', ')}, not '${unknown}'`
      throw fault('usage.bad_argument', { details: { message } })
    }
    const report = await (await call.fermata()).fleet.show(call.argument(0))
    const hosts = states.length === 0 ? report.hosts : report.hosts.filter(({ state }) => states.includes(state))
    if (call.isJson) return call.printJson({ ...report, hosts })
    if (call.isQuiet) return hosts.forEach(({ host }) => call.print(host))
    call.print(await fleetText(report, hosts, { paint: call.paint, withOutput: call.flag('output') }))
  },
}
