// Texts made to exhaust the reader end with a problem within a second and 300 MB, measured in a process of their own.
import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { attacks } from './attacks.ts'

const reader = fileURLToPath(new URL('./attacks.ts', import.meta.url))
const mostMilliseconds = 1000
const mostMegabytes = 300

interface Measured {
  readonly milliseconds: number
  readonly megabytes: number
  readonly codes: readonly string[]
}

async function measure(attack: string): Promise<Measured> {
  const child = spawn(process.execPath, [reader, attack], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 })
  let [out, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`${attack}: ended with ${code}: ${errors.slice(-500)}`)
  return JSON.parse(out) as Measured
}

describe('limits hold in time and memory', function () {
  this.timeout(30_000)

  for (const [name, { code }] of Object.entries(attacks)) {
    it(`${name}: ${code}`, async () => {
      const { milliseconds, megabytes, codes } = await measure(name)
      expect(codes).to.include(code)
      expect(milliseconds, 'milliseconds').to.be.lessThan(mostMilliseconds)
      expect(megabytes, 'megabytes').to.be.lessThan(mostMegabytes)
    })
  }
})
