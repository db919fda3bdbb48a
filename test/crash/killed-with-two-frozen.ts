// A program for a-start-thaws-what-a-killed-process-left.test.ts: backs up two deployments at the same time and kills
// itself as soon as everything of both stands still.
import { openFermata } from '../../src/engine/open.ts'
import { realWorld } from '../../src/world/real-world.ts'

const { home, deployments } = JSON.parse(process.argv[2] ?? '{}') as { home: string; deployments: string[] }
let frozen = 0
const fermata = await openFermata({
  home,
  world: {
    ...realWorld(),
    async point(name) {
      if (name !== 'bracket.frozen') return
      if (++frozen === deployments.length) process.kill(process.pid, 'SIGKILL')
      // Whoever is first stays frozen until the other one is, too.
      await new Promise(() => {})
    },
  },
})
setInterval(() => undefined, 60_000)
await Promise.all(
  deployments.map((deploymentId) =>
    fermata.executions.start({ workflow: 'backup', deploymentId, parameters: { lease: '60s' } }),
  ),
)
