// 5,000 hosts by name, 200 at once, against hosts that are not there: how long, and how much memory.
// node bench/fleet.ts [HOSTS] [CONCURRENCY]
import { fleetBlueprint, fleetPlugin } from '../test/support/fleet-plugin.ts'
import { testFermata } from '../src/testing/test-fermata.ts'

const count = Number(process.argv[2] ?? 5000)
const concurrency = Number(process.argv[3] ?? 200)
const output = 'Linux host 6.12.0-1-amd64 #1 SMP Debian\n'.repeat(50)

const { operations } = fleetPlugin({
  async run(_host, ctx) {
    await ctx.world.clock.sleep(20)
    return output
  },
})
const { run, reboot } = operations
if (!run || !reboot) throw new Error('the plugin lacks an operation')
let peak = 0
const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20)
await using test = await testFermata({
  blueprint: fleetBlueprint(1),
  plugins: {
    hosts: { name: 'hosts', operations },
    ssh: { name: 'ssh', operations: { fleet_run: run, fleet_reboot: reboot } },
  },
})
const hosts = Array.from({ length: count }, (_, index) => ({
  address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
}))
const before = performance.now()
const execution = await test.fermata.fleet.run({
  on: { hosts, login: { user: 'root' } },
  parameters: { commands: ['uname -a'], concurrency },
  taskThreadPoolSize: concurrency,
})
const took = (performance.now() - before) / 1000
const { counts } = await test.fermata.fleet.show(execution.id)
clearInterval(watch)
console.log(
  `${count} hosts, ${concurrency} at once: ${counts.done} done in ${took.toFixed(1)} s ` +
    `(${Math.round(count / took)} hosts/s), at most ${Math.round(peak / 2 ** 20)} MiB`,
)
