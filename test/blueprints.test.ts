// Claim: every blueprint we ship explains itself, is without problems, and is run by a scenario or on a lab.
import { expect } from 'chai'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openFermata } from '../src/engine/open.ts'
import { realWorld } from '../src/world/real-world.ts'

const folder = fileURLToPath(new URL('../blueprints/', import.meta.url))
const scenarioFolder = fileURLToPath(new URL('./scenario/', import.meta.url))
const labFolder = fileURLToPath(new URL('./lab/', import.meta.url))
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'blueprint.yaml')))
  .map((entry) => entry.name)
const scenarios = [scenarioFolder, labFolder].flatMap((top) =>
  readdirSync(top, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(top, name), 'utf8')),
)

describe('blueprints', () => {
  it('are there', () => expect(names).to.include.members(['hello-suspend', 'two-tier', 'custom-plugin']))

  for (const name of names) {
    describe(name, () => {
      it('has a README that begins with its name and shows how to upload it', () => {
        const text = readFileSync(join(folder, name, 'README.md'), 'utf8')
        expect(text).to.match(new RegExp(`^# ${name}\n`))
        expect(text).to.match(/fermata (blueprints upload|executions start)/)
      })

      it('validates without errors or warnings', async () => {
        const home = mkdtempSync(join(tmpdir(), 'fermata-blueprints-'))
        try {
          await using fermata = await openFermata({ home, world: realWorld() })
          const { problems } = await fermata.blueprints.validate({ path: join(folder, name) })
          expect(problems).to.deep.equal([])
        } finally {
          rmSync(home, { recursive: true, force: true })
        }
      })

      it('is run by a scenario or on a lab', () => {
        expect(scenarios.some((text) => text.includes(`blueprintPath('${name}')`))).to.equal(true)
      })
    })
  }
})
