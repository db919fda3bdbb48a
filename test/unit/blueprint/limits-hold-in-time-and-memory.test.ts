// Texts made to exhaust the reader end with a problem within 300 MB and within the time in which js-yaml reads some tens
// of plain texts of 300 kB, measured in a process of their own.
import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { attacks } from './attacks.ts'

const reader = fileURLToPath(new URL('./attacks.ts', import.meta.url))
/** About three times what the worst of them takes. */
const mostYardsticks = 60
const mostMegabytes = 300

interface Measured {
  readonly yardsticks: number
  readonly megabytes: number
  readonly codes: readonly string[]
}

async function measure(attack: string): Promise<Measured> {
  const child = spawn(process.execPath, [reader, attack], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 })
  let [out, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`${attack}: ended with ${code}: ${errors.slice(-500)}`)
  return JSON.parse(out) as Measured
}

describe('limits hold in time and memory', function () {
  this.timeout(130_000)

  for (const [name, { code }] of Object.entries(attacks)) {
    it(`${name}: ${code}`, async () => {
      const { yardsticks, megabytes, codes } = await measure(name)
      expect(codes).to.include(code)
      expect(yardsticks, 'yardsticks').to.be.lessThan(mostYardsticks)
      expect(megabytes, 'megabytes').to.be.lessThan(mostMegabytes)
    })
  }
})
