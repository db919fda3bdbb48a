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
      else lines.splice(line - 1, 0, `# fermata: ignore lint.something_else, ${code}`)
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
