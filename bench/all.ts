// All benchmarks of one run: `npm run bench`, or `npm run bench -- --quick` for a short look that all of them work.
import { backupBench, slowBackupBench } from './backup.ts'
import { bracketBench } from './bracket.ts'
import { memoryBench } from './memory.ts'
import { parseBench } from './parse.ts'
import { printRows, type Row } from './report.ts'
import { scaleBench } from './scale.ts'
import { startBench } from './start.ts'

const isQuick = process.argv.includes('--quick')
const nodes = isQuick ? 200 : 1000

printRows('(a) the engine, operations that do nothing', await backupBench({ nodes, rounds: isQuick ? 2 : 9 }))
printRows('(b) the engine, operations of 10 ms', await slowBackupBench({ nodes, rounds: isQuick ? 1 : 3 }))
printRows(
  '(c) parse and plan',
  (await parseBench()).flatMap(({ what, nodes: count, best, yaml, ratio }): Row[] => [
    { name: `${what}, ${count} nodes`, value: best, unit: 'ms' },
    { name: 'js-yaml on the same texts', value: yaml, unit: 'ms', ratio: ['times js-yaml', ratio] },
  ]),
)
printRows('(d) cold start', await startBench({ runs: isQuick ? 3 : 15 }))
printRows('(e) memory', await memoryBench({ instances: isQuick ? 1000 : 10_000 }))
printRows(
  '(f) the language at scale',
  scaleBench({ sizes: isQuick ? [1000] : [1000, 10_000, 50_000], rounds: isQuick ? 2 : 7 }),
)
printRows('(g) a bracket around one node', await bracketBench({ rounds: isQuick ? 20 : 200 }))
