// Claim: everything that `fermata/blueprint` offers has an example, and every example prints what it says.
import { expect } from 'chai'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect, stripVTControlCharacters } from 'node:util'
import * as api from '../../../src/blueprint/index.ts'

const folder = fileURLToPath(new URL('../../../src/blueprint/', import.meta.url))

interface Example {
  /** The function that the comment stands at. */
  readonly of: string
  readonly code: string
}

/** Every `@example` of a comment at an exported function. */
function examplesIn(text: string): Example[] {
  const examples: Example[] = []
  for (const [, comment = '', name = ''] of text.matchAll(
    /\/\*\*((?:(?!\*\/)[^])*)\*\/\nexport (?:async )?function (\w+)/g,
  )) {
    const lines = comment.split('\n').map((line) => line.replace(/^ \* ?/, ''))
    const blocks = lines.join('\n').split(/^@/m).slice(1)
    for (const block of blocks)
      if (block.startsWith('example')) examples.push({ of: name, code: block.slice('example'.length) })
  }
  return examples
}

const examples = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .flatMap((name) => examplesIn(readFileSync(join(folder, name), 'utf8')))
  .filter(({ of }) => Object.hasOwn(api, of))

const AsyncFunction = (async () => {}).constructor as new (
  ...parts: string[]
) => (...values: unknown[]) => Promise<void>

/** What `console.log(x) // text` is said to print, and what it prints. */
async function run(code: string): Promise<{ said: string[]; printed: string[] }> {
  const said = [...code.matchAll(/^console\.log\(.*\) \/\/ ?(.*)$/gm)].map(([, text = '']) =>
    text.replaceAll('\\n', '\n'),
  )
  const printed: string[] = []
  const log = (...values: unknown[]): void => {
    printed.push(
      values.map((value) => (typeof value === 'string' ? value : stripVTControlCharacters(inspect(value)))).join(' '),
    )
  }
  const names = Object.keys(api)
  await new AsyncFunction('console', ...names, code)(
    { log },
    ...names.map((name) => (api as Record<string, unknown>)[name]),
  )
  return { said, printed }
}

describe('public api of the blueprint language', () => {
  it('offers what it promises', () => {
    const functions = [
      'parseBlueprint',
      'prepareDeployment',
      'evaluateFunctions',
      'summarizePlan',
      'summarizeDeployment',
      'describeProblem',
      'lintBlueprint',
      'drawPlan',
    ]
    expect(Object.keys(api)).to.include.members(functions)
  })

  it('stands behind the package name fermata/blueprint', () => {
    const root = fileURLToPath(new URL('../../../', import.meta.url))
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      exports: Record<string, Record<string, string>>
    }
    expect(exports['./blueprint']).to.deep.equal({
      'fermata-source': './src/blueprint/index.ts',
      types: './dist/blueprint/index.d.ts',
      default: './dist/blueprint/index.js',
    })
  })

  it('has an example for every function', () => {
    const functions = Object.entries(api).filter(([, value]) => typeof value === 'function')
    expect(functions.length).to.be.greaterThan(8)
    for (const [name] of functions)
      expect(
        examples.map(({ of }) => of),
        `@example of ${name}`,
      ).to.include(name)
  })

  for (const [index, { of, code }] of examples.entries()) {
    it(`prints what the example of ${of} says (${index + 1})`, async () => {
      const { said, printed } = await run(code)
      expect(said).to.have.length.greaterThan(0)
      expect(printed.map((text) => text.trim())).to.deep.equal(said.map((text) => text.trim()))
    })
  }
})
