// Claim: every rule warns of its own example at one place, alone, and has nothing to say about the better one.
import { expect } from 'chai'
import { lintBlueprint } from '../../../src/blueprint/lint/lint-blueprint.ts'
import type { LintExample, LintKnowledge } from '../../../src/blueprint/lint/rule.ts'
import { lintRules } from '../../../src/blueprint/lint/rules.ts'
import { parseBlueprint } from '../../../src/blueprint/parse-blueprint.ts'
import type { Problem } from '../../../src/blueprint/problem.ts'
import { blueprint } from './texts.ts'

function lint(example: LintExample, edit: (text: string) => string = (text) => text): readonly Problem[] {
  const { provided } = example
  const provides: LintKnowledge['provides'] = (plugin, operation) => provided?.includes(`${plugin.name}.${operation}`)
  const texts = { main: edit(blueprint(example.blueprint)), files: example.files ?? {} }
  expect(parseBlueprint(texts).problems ?? []).to.deep.equal([])
  return lintBlueprint(texts, provided === undefined ? {} : { provides })
}

/** The text with a comment that silences the rule above each line that the rule names. */
function silence(warnings: readonly Problem[], onSameLine: boolean): (text: string) => string {
  return (text) => {
    const lines = text.split('\n')
    for (const { line, code } of warnings.toReversed()) {
      if (onSameLine) lines[line - 1] += ` # fermata: ignore ${code}`
      else lines.splice(line - 1, 0, `# fermata: ignore lint.unknown_rule, ${code}`)
    }
    return lines.join('\n')
  }
}

describe('lint rules find what they say', () => {
  it('have ids of their own', () => {
    const ids = lintRules.map(({ id }) => id)
    expect(ids.length).to.be.greaterThan(12)
    expect(new Set(ids).size).to.equal(ids.length)
    for (const id of ids) expect(id).to.match(/^lint\.[a-z_]+$/)
  })

  it('look at the operations of relationships too', () => {
    const body = `
imports: [cloudify/types/types.yaml]
plugins: { tape: { executor: central_deployment_agent, install: false } }
node_templates:
  disk: { type: cloudify.nodes.Root }
  library:
    type: cloudify.nodes.Root
    relationships:
      - type: cloudify.relationships.connected_to
        target: disk
        source_interfaces: { cloudify.interfaces.relationship_lifecycle: { establish: tape.link } }
`
    const [warning, ...more] = lint({ blueprint: body, provided: ['tape.rewind'] })
    expect(warning).to.deep.include({
      code: 'lint.operation_without_plugin',
      path: 'node_templates.library.relationships.0',
    })
    expect(more).to.deep.equal([])
  })

  it('say nothing about a blueprint that has problems, and nothing of what plugins bring', () => {
    expect(lintBlueprint({ main: blueprint('inputs: { a: {} }\nnode_templates: []') })).to.deep.equal([])
    const plugins = {
      brought: 'inputs: { a: { default: x } }\nnode_types: { t: { properties: { password: { default: y } } } }',
    }
    expect(lintBlueprint({ main: blueprint("imports: ['plugin:brought']"), plugins })).to.deep.equal([])
  })

  it('keep secrets out of their messages', () => {
    const warnings = lint({ blueprint: 'inputs: { api_key: { default: s3cr3t } }' })
    expect(warnings.map(({ code }) => code)).to.include('lint.secret_in_default')
    expect(JSON.stringify(warnings)).to.not.contain('s3cr3t')
  })

  it('take the lease that the blueprint itself gives a backup', () => {
    const retries = lintRules.find(({ id }) => id === 'lint.retries_exceed_lease')
    const workflows = `
plugins: { suspend: { executor: central_deployment_agent, install: false } }
workflows:
  backup: { mapping: suspend.cloudify_suspend.workflows.backup, parameters: { lease: { default: 10m } } }
`
    expect(lint({ ...retries!.example, blueprint: `${retries!.example.blueprint}${workflows}` })).to.deep.equal([])
  })

  for (const rule of lintRules) {
    describe(rule.id, () => {
      it('warns of its example, with a place and advice', () => {
        const warnings = lint(rule.example)
        expect([...new Set(warnings.map(({ code }) => code))]).to.deep.equal([rule.id])
        for (const warning of warnings) {
          expect(warning.severity).to.equal('warning')
          expect(warning.hint).to.be.a('string').with.length.greaterThan(5)
          expect(warning.file).to.equal('blueprint.yaml')
          expect(warning.line).to.be.greaterThan(1)
        }
      })

      it('has nothing to say about the better one', () => {
        expect(lint(rule.better)).to.deep.equal([])
      })

      it('is silenced by a comment on the line or above it', () => {
        const warnings = lint(rule.example)
        expect(lint(rule.example, silence(warnings, true))).to.deep.equal([])
        expect(lint(rule.example, silence(warnings, false))).to.deep.equal([])
      })
    })
  }
})
