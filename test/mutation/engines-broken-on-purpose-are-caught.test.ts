// Claim: the proofs notice when the engine is broken. Each mutation is made in a copy of the sources; then a bounded proof
// that passes over the sound engine must fail.
import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tell } from '../support/figures.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/folder.ts'
import { inParallel } from '../support/in-parallel.ts'
import { mutations, type Mutation } from './mutations.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Copies that are worked on side by side. */
const lanes = 2

interface Outcome {
  readonly isCaught: boolean
  /** What noticed. */
  readonly by: string
}

describe('an engine that is broken on purpose', () => {
  let copies: readonly TemporaryFolder[]

  before(async () => {
    copies = await Promise.all(Array.from({ length: lanes }, copy))
  })
  after(async () => {
    for (const folder of copies) await folder[Symbol.asyncDispose]()
  })

  it('is as it was aimed at: each place is there exactly once', () => {
    const stale = mutations.filter(({ file, find }) => readFileSync(join(root, file), 'utf8').split(find).length !== 2)
    expect(stale.map(({ what }) => what)).to.deep.equal([])
  })

  it('fails its proof, and the sound engine passes all of them', async function () {
    this.timeout(300_000)
    const proofs = [...new Set(mutations.map(({ proof }) => proof))]
    const work = [...proofs.map((proof) => ({ proof })), ...mutations]
    const outcomes = new Map<(typeof work)[number], Outcome>()
    await inParallel(copies, async (folder) => {
      for (let next = work.shift(); next; next = work.shift())
        outcomes.set(next, 'what' in next ? await mutated(folder.path, next) : await proven(folder.path, next.proof))
    })
    for (const [one, { isCaught, by }] of outcomes) {
      if ('what' in one) tell(`broken on purpose: ${one.what}: ${isCaught ? `caught by ${by}` : 'NOT CAUGHT'}`)
      expect(isCaught, 'what' in one ? one.what : `${one.proof}, sound: ${by}`).to.equal('what' in one)
    }
  })
})

async function copy(): Promise<TemporaryFolder> {
  const folder = await temporaryFolder()
  for (const name of ['src', 'test', 'blueprints', 'package.json', '.mocharc.json', 'tsconfig.json'])
    cpSync(join(root, name), join(folder.path, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'))
  return folder
}

async function mutated(folder: string, { file, find, replace, proof }: Mutation): Promise<Outcome> {
  const path = join(folder, file)
  const sound = readFileSync(path, 'utf8')
  // As a function: what stands for something in a replacement text stands for itself here.
  writeFileSync(
    path,
    sound.replace(find, () => replace),
  )
  try {
    return await proven(folder, proof)
  } finally {
    writeFileSync(path, sound)
  }
}

function proven(folder: string, proof: Mutation['proof']): Promise<Outcome> {
  const isSimulated = proof === 'simulation'
  const mocha = join(root, 'node_modules/mocha/bin/mocha.js')
  const words = isSimulated ? [join(folder, 'test/mutation/proof.ts')] : [mocha, '--bail', join(folder, proof)]
  const env = { ...process.env, FERMATA_FIGURES: '', NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, words, { cwd: folder, env, timeout: 120_000 }, (problem, stdout, stderr) => {
      const said = isSimulated ? stdout.trim() : failureIn(stdout)
      // A proof that could not even be run has noticed nothing.
      if (problem && said === '') reject(new Error(`${proof} could not be run:\n${stderr}`))
      else resolve({ isCaught: problem !== null, by: said.split('\n')[0] ?? '' })
    })
  })
}

/** The name of the first test that failed. */
function failureIn(report: string): string {
  const lines = report.split('\n')
  const at = lines.findIndex((line) => /^ *1\) /.test(line))
  return at === -1 ? '' : (lines[at] ?? '').replace(/^ *1\) /, '')
}
