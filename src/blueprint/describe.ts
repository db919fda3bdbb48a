// A problem as one screen of text: where, what, the line itself with a caret, and what to do.
import type { Problem } from './problem.ts'

const widest = 110

/**
 * The text of one problem: its place, what is wrong, the line with a caret, the path, and the imports that lead to its
 * file. `sourceText` is the text of that file; without it the line is not shown.
 *
 *     blueprint.yaml:7:11: node 'vm' has the unknown type 'cloudify.nodes.Compte' [blueprint.unknown_node_type, 7]
 *       7 |     type: cloudify.nodes.Compte
 *         |           ^
 *       at   node_templates.vm.type
 *       hint did you mean 'cloudify.nodes.Compute'?
 *
 * @example
 * const text = 'tosca_definitions_version: cloudify_dsl_1_9\n'
 * const { problems } = parseBlueprint({ main: text })
 * console.log(describeProblem(problems[0], text).split('\n')[1]) //   1 | tosca_definitions_version: cloudify_dsl_1_9
 */
export function describeProblem(problem: Problem, sourceText?: string): string {
  const { file, line, column, path, hint, importedAt = [] } = problem
  const code = problem.alias === undefined ? problem.code : `${problem.code}, ${problem.alias}`
  const where = file === '' ? '' : `${file}:${line}:${column}: `
  const kind = problem.severity === 'warning' ? 'warning: ' : ''
  const details = [
    ...(path === '' ? [] : [`  at   ${path}`]),
    ...(importedAt.length === 0 ? [] : [`  via  ${importedAt.join(' -> ')}`]),
    ...(hint === undefined ? [] : [`  hint ${hint}`]),
  ]
  return [`${where}${kind}${problem.message} [${code}]`, ...excerpt(sourceText, line, column), ...details].join('\n')
}

/** How many empty lines lie at most between a problem and the line shown for it. */
const farthest = 20

function excerpt(sourceText: string | undefined, line: number, column: number): string[] {
  if (sourceText === undefined) return []
  for (let back = 0; back <= farthest && line - back >= 1; back += 1) {
    const text = lineOf(sourceText, line - back)
    // Where nothing is written, what is missing belongs behind the last thing that is.
    if (text !== undefined && text.trim() !== '') return marked(text, line - back, back === 0 ? column : Infinity)
  }
  return []
}

function marked(text: string, line: number, column: number): string[] {
  const number = String(line)
  // A long line is cut so that the caret stays on the screen.
  const at = Math.min(column, text.length + 1)
  const start = at > widest - 20 ? at - Math.floor(widest / 2) : 0
  const shown = text
    .slice(start, start + widest)
    .replaceAll('\t', ' ')
    .trimEnd()
  const lead = start > 0 ? '...' : ''
  const caret = ' '.repeat(Math.max(0, at - 1 - start) + lead.length)
  return [`  ${number} | ${lead}${shown}`, `  ${' '.repeat(number.length)} | ${caret}^`]
}

function lineOf(text: string, line: number): string | undefined {
  let start = 0
  for (let count = 1; count < line; count += 1) {
    const next = text.indexOf('\n', start)
    if (next === -1) return undefined
    start = next + 1
  }
  const end = text.indexOf('\n', start)
  return text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '')
}
