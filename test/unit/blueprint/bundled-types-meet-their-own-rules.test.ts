// The files that come along are not checked when they are imported, so they are checked here.
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { parseBlueprint } from '../../../src/blueprint/parse-blueprint.ts'

function textOf(file: string): string {
  return readFileSync(new URL(`../../../src/blueprint/bundled/${file}`, import.meta.url), 'utf8')
}

describe('bundled types meet their own rules', () => {
  for (const [file, version] of [
    ['types.yaml', 'cloudify_dsl_1_4'],
    ['types_1_3.yaml', 'cloudify_dsl_1_3'],
    ['utilities-plugin.yaml', 'cloudify_dsl_1_4'],
  ] as const) {
    it(`${file} is a good blueprint for ${version}`, () => {
      const result = parseBlueprint({ main: `tosca_definitions_version: ${version}\n${textOf(file)}` })
      expect(result.problems ?? []).to.deep.equal([])
    })
  }
})
