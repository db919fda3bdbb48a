// `npm run check`: everything that can be said about the code without running it, and the architecture tests.
// One line per check; the output of a check is shown only when it failed.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const tools = join(root, 'node_modules/.bin')

interface Check {
  readonly name: string
  readonly command: readonly string[]
}

interface Outcome extends Check {
  readonly exitCode: number
  readonly output: string
  readonly seconds: number
}

// The two longest begin first, so that two at a time end together.
const checks: readonly Check[] = [
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'unused', command: ['knip', '--no-progress'] },
  { name: 'architecture', command: ['mocha', '--reporter', 'dot', 'test/architecture/**/*.test.ts'] },
  { name: 'format', command: ['oxfmt', '--check', 'src', 'test', 'scripts', 'bench', 'blueprints'] },
]

function run(check: Check): Promise<Outcome> {
  const begun = performance.now()
  const [command = '', ...args] = check.command
  const path = `${tools}:${process.env.PATH ?? ''}`
  const child = spawn(join(tools, command), args, { cwd: root, env: { ...process.env, PATH: path } })
  let output = ''
  const take = (chunk: Buffer): void => {
    output += chunk.toString('utf8')
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  return new Promise((resolve) => {
    const end = (exitCode: number): void =>
      resolve({ ...check, exitCode, output, seconds: (performance.now() - begun) / 1000 })
    child.on('error', (problem) => {
      output += `${problem.message}\n`
      end(127)
    })
    child.on('close', (exitCode) => end(exitCode ?? 1))
  })
}

async function runAll(atOnce: number): Promise<Outcome[]> {
  const waiting = [...checks]
  const outcomes: Outcome[] = []
  const worker = async (): Promise<void> => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const outcome = await run(check)
      outcomes.push(outcome)
      const sign = outcome.exitCode === 0 ? 'ok    ' : 'FAILED'
      process.stdout.write(`${sign} ${outcome.name.padEnd(13)} ${outcome.seconds.toFixed(1)} s\n`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return outcomes
}

const failed = (await runAll(2)).filter((outcome) => outcome.exitCode !== 0)
for (const { name, output } of failed) process.stdout.write(`\n--- ${name}\n${output.trimEnd()}\n`)
process.exitCode = failed.length === 0 ? 0 : 1
