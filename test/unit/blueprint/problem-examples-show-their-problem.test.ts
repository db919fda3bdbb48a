// Claim: every problem code has an example that shows it, with a place in the text and a message without gaps.
import { expect } from 'chai'
import { describeProblem } from '../../../src/blueprint/describe.ts'
import { aliasOf, type ProblemCode, problemTable } from '../../../src/blueprint/problem-table.ts'
import { problemExamples } from '../../../scripts/problem-examples/all.ts'
import { runExample } from '../../../scripts/problem-examples/run.ts'

/** These are about what was given to the blueprint, or about all of it: no line of it is wrong. */
const placeless: ReadonlySet<string> = new Set([
  'blueprint.no_main',
  'blueprint.version_missing',
  'blueprint.unknown_input',
  'blueprint.nothing_to_scale',
  'blueprint.scale_out_of_range',
  'blueprint.too_many_instances',
])

describe('problem examples', () => {
  const codes = Object.keys(problemTable) as ProblemCode[]

  it('are as many as there are codes', () => {
    expect(codes.length).to.be.greaterThan(90)
    expect(Object.keys(problemExamples)).to.have.members(codes)
  })

  for (const code of codes) {
    it(`show ${code}`, () => {
      const { problems, texts } = runExample(problemExamples[code])
      const problem = problems.find((candidate) => candidate.code === code)
      expect(problem, JSON.stringify(problems)).to.not.equal(undefined)
      if (problem === undefined) return
      expect(problem.alias).to.equal(aliasOf(code))
      expect(problem.message).to.not.match(/\{\w+\}|''|undefined|\[object/)
      expect(problem.hint ?? 'none')
        .to.not.match(/\{\w+\}|undefined|\[object/)
        .and.not.equal('')
      const text = describeProblem(problem, texts[problem.file])
      expect(text.split('\n').length).to.be.below(8)
      if (!placeless.has(code)) expect(text, 'the line with a caret').to.match(/^ +\d+ \| .*\n +\| *\^$/m)
    })
  }
})
