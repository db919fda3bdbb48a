// `npm run test:lab -- ssh`: starts the lab of that name, runs its tests and its benchmark, takes it down, and repeats
// the figures and what failed. Tests that need several labs at once name them in a file `needs`; they run between those of
// their labs, so that none is started twice. With `--may-skip` a lab that cannot start here is told loudly and is no failure;
// `--grep=TEXT` runs the tests with that in their name.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const labs = join(root, 'test/lab')
const given = process.argv.slice(2)
const maySkip = given.includes('--may-skip')
const grep = given.filter((name) => name.startsWith('--grep='))
const isLab = (name: string): boolean => existsSync(join(labs, name, 'up'))
const known = readdirSync(labs).filter((name) => isLab(name) || existsSync(join(labs, name, 'needs')))
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

/** How large labs are when their own tests run. */
const sizes = { LAB_HOSTS: '100', LAB_GUESTS: '8', LAB_VMS: '50' }

interface Need {
  readonly lab: string
  /** What is enough when nobody else needs it. */
  readonly sizes: NodeJS.ProcessEnv
}

/** The labs that the tests of this name need up. */
function needsOf(name: string): readonly Need[] {
  if (isLab(name)) return [{ lab: name, sizes }]
  const lines = readFileSync(join(labs, name, 'needs'), 'utf8')
    .trim()
    .split('\n')
  return lines.map((line) => {
    const [lab = '', ...pairs] = line.split(' ')
    return { lab, sizes: Object.fromEntries(pairs.map((pair) => pair.split('='))) }
  })
}

/** Tests of several labs come after those of the first of these, and before those of the others. */
function inOrder(names: readonly string[]): readonly string[] {
  let order = names.filter(isLab)
  for (const name of names.filter((one) => !isLab(one))) {
    const needed = needsOf(name).map(({ lab }) => lab)
    const [first = [], others = []] = [needed.slice(0, 1), needed.slice(1)].map((few) =>
      few.filter((lab) => order.includes(lab)),
    )
    order = [...order.filter((lab) => !needed.includes(lab)), ...first, name, ...others]
  }
  return order
}

const order = inOrder(asked.length > 0 ? asked : known)
const isAlone = order.length === 1 && order.every(isLab)

function stateOf(lab: string): string {
  const given = process.env[`LAB_${lab.toUpperCase()}_STATE`]
  const shared = process.env['LAB_STATE']
  if (given !== undefined) return given
  if (shared === undefined) return `/tmp/lab-${lab}`
  return isAlone ? shared : `${shared}-${lab}`
}

function isRunning(state: string): boolean {
  return ['run/jump.pid', 'libvirtd.pid', 'pid/keystone', 'vcenter.pid'].some((pid) => existsSync(join(state, pid)))
}

const envOf = ({ lab, sizes: enough }: Need): NodeJS.ProcessEnv => {
  const size = order.includes(lab) ? sizes : enough
  return { ...size, ...process.env, LAB_STATE: stateOf(lab) }
}

/** Those that are up now, and whether they were before. */
const up = new Map<string, { readonly env: NodeJS.ProcessEnv; readonly wasRunning: boolean }>()
/** Why those do not start that do not. */
const broken = new Map<string, string>()

/** Why it cannot start here; undefined when it runs. */
function start(need: Need): string | undefined {
  const { lab } = need
  if (up.has(lab) || broken.has(lab)) return broken.get(lab)
  const env = envOf(need)
  const wasRunning = isRunning(stateOf(lab))
  console.log(`\n=== lab ${lab}: starting`)
  const { status, stderr } = spawnSync(join(labs, lab, 'up'), { env, encoding: 'utf8' })
  if (status === 0) up.set(lab, { env, wasRunning })
  else broken.set(lab, stderr.trim().split('\n').at(-1) || `'up' ended with ${status}`)
  return broken.get(lab)
}

/** Takes down what is up and not needed any more. */
function takeDown(needed: readonly string[]): void {
  for (const [lab, { env, wasRunning }] of up) {
    if (needed.includes(lab)) continue
    up.delete(lab)
    if (wasRunning) console.log(`\n=== lab ${lab} ran before and is left running`)
    else spawnSync(join(labs, lab, 'down'), { env })
  }
}

async function testsOf(name: string): Promise<boolean> {
  const begun = performance.now()
  const needs = needsOf(name)
  for (const need of needs) {
    const problem = start(need)
    if (problem === undefined) continue
    const which = need.lab === name ? problem : `${need.lab}: ${problem}`
    console.log(`\n!!! LAB ${name.toUpperCase()} ${maySkip ? 'SKIPPED' : 'CANNOT START'}: ${which}`)
    console.log(
      `!!! None of its tests ran. It needs root, network namespaces, bind mounts or QEMU, and packages of Debian.`,
    )
    return maySkip
  }
  if (!isLab(name)) console.log(`\n=== ${name}: on the labs ${needs.map(({ lab }) => lab).join(' and ')}`)
  const states = needs.map(({ lab }) => [`LAB_${lab.toUpperCase()}_STATE`, stateOf(lab)])
  const env = { ...sizes, ...process.env, ...Object.fromEntries(states) }
  if (isLab(name)) env['LAB_STATE'] = stateOf(name)
  const tests = join('test/lab', name, '*.test.ts')
  const mocha = join(root, 'node_modules/.bin/mocha')
  const tested = await run(process.execPath, [mocha, '--timeout', '120000', ...grep, tests], env)
  const bench = join(root, 'bench', `${name}.ts`)
  const measured = existsSync(bench) ? await run(process.execPath, [bench], env) : 0
  const minutes = ((performance.now() - begun) / 60_000).toFixed(1)
  console.log(`\n=== ${name}: ${minutes} min, with what had to be started for it`)
  return tested === 0 && measured === 0
}

let isGood = true
for (const [index, name] of order.entries()) {
  const next = order[index + 1]
  try {
    isGood = (await testsOf(name)) && isGood
  } finally {
    takeDown(next === undefined ? [] : needsOf(next).map(({ lab }) => lab))
  }
}
for (const line of figures) console.log(`figure: ${line}`)
if (failures.length > 0) console.log(['', '!!! What failed in the labs:', ...failures].join('\n'))
process.exitCode = isGood ? 0 : 1
