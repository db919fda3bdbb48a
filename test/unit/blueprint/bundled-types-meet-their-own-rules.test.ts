// The files that come along are not checked when they are imported, so they are checked here, as a user's file would be.
import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { parseBlueprint } from '../../../src/blueprint/parse-blueprint.ts'

const folder = new URL('../../../src/blueprint/bundled/', import.meta.url)
const plugins = readdirSync(folder).filter((file) => file.endsWith('-plugin.yaml'))

function textOf(file: string): string {
  return readFileSync(new URL(file, folder), 'utf8')
}

describe('bundled types meet their own rules', () => {
  for (const [file, version] of [
    ['types.yaml', 'cloudify_dsl_1_4'],
    ['types_1_3.yaml', 'cloudify_dsl_1_3'],
  ] as const) {
    it(`${file} is a good blueprint for ${version}`, () => {
      const result = parseBlueprint({ main: `tosca_definitions_version: ${version}\n${textOf(file)}` })
      expect(result.problems ?? []).to.deep.equal([])
    })
  }

  it('all plugins of the originals are there', () =>
    expect(plugins.length, plugins.join(', ')).to.be.greaterThanOrEqual(7))

  for (const file of plugins) {
    it(`${file} is a good file beside the built-in types`, () => {
      const result = parseBlueprint({
        main: 'tosca_definitions_version: cloudify_dsl_1_4\nimports: [cloudify/types/types.yaml, own.yaml]\n',
        files: { 'own.yaml': textOf(file) },
      })
      expect(result.problems ?? []).to.deep.equal([])
    })
  }
})
