// Claim: the JSON Schema of the language takes every blueprint that the parser takes, and refuses wrong shapes as it does.
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { languageSchema } from '../../../src/blueprint/language-schema.ts'
import { parseBlueprint } from '../../../src/blueprint/parse-blueprint.ts'
import { isReadFailure, readYaml } from '../../../src/blueprint/source/read-yaml.ts'
import { blueprint } from './texts.ts'
import { tourFiles } from './tour.ts'

const validate = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(languageSchema())

function complaints(text: string): string[] {
  const read = readYaml('blueprint.yaml', text)
  if (isReadFailure(read)) throw new Error(`not YAML: ${read.code}`)
  validate(read.value)
  return (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  )
}

const bundled = ['types.yaml', 'types_1_3.yaml', 'utilities-plugin.yaml'].map((name): [string, string] => [
  name,
  readFileSync(fileURLToPath(new URL(`../../../src/blueprint/bundled/${name}`, import.meta.url)), 'utf8'),
])

/** Each has one mistake of shape. */
const wrong: Readonly<Record<string, string>> = {
  'an unknown section': 'node_templatez: {}',
  'a section that is a list': 'node_templates: []',
  'an unknown version': '',
  'a node without a type': 'node_templates: { vm: {} }',
  'a node whose type is null': 'node_templates: { vm: { type: } }',
  'a node with an unknown key': 'node_templates: { vm: { type: t, propertys: {} } }',
  'properties that are a list': 'node_templates: { vm: { type: t, properties: [] } }',
  'a relationship without a target': 'node_templates: { vm: { type: t, relationships: [{ type: r }] } }',
  'an operation with an unknown key': 'node_templates: { vm: { type: t, interfaces: { i: { o: { script: x } } } } }',
  'retries that are text': 'node_templates: { vm: { type: t, interfaces: { i: { o: { max_retries: many } } } } }',
  'a property schema that is text': 'node_types: { t: { properties: { size: integer } } }',
  'derived_from that is a list': 'node_types: { t: { derived_from: [a] } }',
  'an output without a value': 'outputs: { o: { description: x } }',
  'an unknown constraint': 'inputs: { i: { constraints: [{ at_least: 1 }] } }',
  'a group without members': 'groups: { g: { members: [] } }',
  'a plugin without an executor': 'plugins: { p: { install: false } }',
  'a workflow without a mapping': 'workflows: { w: { parameters: {} } }',
  'imports that are text': 'imports: cloudify/types/types.yaml',
  'a schedule without a workflow': 'deployment_settings: { default_schedules: { s: { since: 2030-01-01 } } }',
}

describe('the schema of the language', () => {
  const files = Object.entries(tourFiles()).filter(([name]) => name.endsWith('.yaml'))

  it('takes the whole tour and the types that come along', () => {
    expect(files.length).to.be.greaterThan(35)
    for (const [name, text] of [...files, ...bundled]) expect(complaints(text), name).to.deep.equal([])
  })

  for (const [name, body] of Object.entries(wrong)) {
    it(`refuses ${name}, as the parser does`, () => {
      const text = blueprint(body, name === 'an unknown version' ? 'cloudify_dsl_2_0' : 'cloudify_dsl_1_5')
      expect(complaints(text)).to.not.deep.equal([])
      expect(parseBlueprint({ main: text }).problems?.length ?? 0).to.be.greaterThan(0)
    })
  }
})
