// `npm run test:lab -- ssh`: starts the lab of that name, runs its tests and its benchmark, takes it down, and repeats
// the figures and what failed. With `--may-skip` a lab that cannot start here is told loudly and is no failure; `--grep=TEXT` runs the
// tests with that in their name.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const labs = join(root, 'test/lab')
const given = process.argv.slice(2)
const maySkip = given.includes('--may-skip')
const grep = given.filter((name) => name.startsWith('--grep='))
const known = readdirSync(labs).filter((name) => existsSync(join(labs, name, 'up')))
const asked = given.filter((name) => !name.startsWith('--'))
const unknown = asked.filter((name) => !known.includes(name))

if (unknown.length > 0) {
  console.error(`no lab is called ${unknown.join(', ')}; there is: ${known.join(', ')}`)
  process.exit(2)
}

const figures: string[] = []
/** What mocha says of failures: repeated last, where whoever sees only the end of a long log looks. */
const failures: string[] = []

/** Resolves with the exit code; what is printed is shown, lines with a figure and everything of failures are kept. */
function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let rest = ''
  let isFailing = false
  child.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk)
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.includes('figure:')) figures.push(line.trim().replace('figure: ', ''))
      isFailing ||= /^\s+(?:\x1b\[\d+m)*\s*\d+ failing/.test(line)
      if (isFailing) failures.push(line)
    }
  })
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)))
}

/** Why it cannot start here; undefined when it runs. */
function start(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const { status, stderr } = spawnSync(join(labs, name, 'up'), { env, encoding: 'utf8' })
  return status === 0 ? undefined : stderr.trim().split('\n').at(-1) || `'up' ended with ${status}`
}

function isRunning(state: string): boolean {
  return ['run/jump.pid', 'libvirtd.pid', 'pid/keystone', 'vcenter.pid'].some((pid) => existsSync(join(state, pid)))
}

async function lab(name: string): Promise<boolean> {
  const state = process.env['LAB_STATE'] ?? `/tmp/lab-${name}`
  const env = { LAB_HOSTS: '100', LAB_GUESTS: '8', LAB_VMS: '50', ...process.env, LAB_STATE: state }
  const wasRunning = isRunning(state)
  console.log(`\n=== lab ${name}: starting`)
  const problem = start(name, env)
  if (problem !== undefined) {
    console.log(`\n!!! LAB ${name.toUpperCase()} ${maySkip ? 'SKIPPED' : 'CANNOT START'}: ${problem}`)
    console.log(
      `!!! None of its tests ran. It needs root, network namespaces, bind mounts or QEMU, and packages of Debian.`,
    )
    return maySkip
  }
  try {
    const tests = join('test/lab', name, '*.test.ts')
    const mocha = join(root, 'node_modules/.bin/mocha')
    const tested = await run(process.execPath, [mocha, '--timeout', '120000', ...grep, tests], env)
    const bench = join(root, 'bench', `${name}.ts`)
    const measured = existsSync(bench) ? await run(process.execPath, [bench], env) : 0
    return tested === 0 && measured === 0
  } finally {
    if (wasRunning) console.log(`\n=== lab ${name} ran before and is left running`)
    else spawnSync(join(labs, name, 'down'), { env })
  }
}

let isGood = true
for (const name of asked.length > 0 ? asked : known) isGood = (await lab(name)) && isGood
for (const line of figures) console.log(`figure: ${line}`)
if (failures.length > 0) console.log(['', '!!! What failed in the labs:', ...failures].join('\n'))
process.exitCode = isGood ? 0 : 1
