// Judges a blueprint that is without problems: what the language allows and a backup would suffer from.
import { type BlueprintTexts, readBlueprint } from '../parse-blueprint.ts'
import { parseDuration } from '../../kernel/duration.ts'
import type { Plan } from '../plan.ts'
import type { Problem } from '../problem.ts'
import type { Place } from '../reporter.ts'
import { locate } from '../source/locate.ts'
import type { Finding, LintKnowledge, LintRule, LintScene } from './rule.ts'
import { lintRules } from './rules.ts'
import { isSilenced } from './silence.ts'

/** As long as the engine freezes when nobody says otherwise. */
const usualLease = 30_000

/**
 * All warnings about a blueprint, in the order of its files. A blueprint with problems has no warnings yet: `[]`.
 * A line comment `# fermata: ignore lint.rule_id` on the line or above it silences one.
 *
 * @example
 * const warnings = lintBlueprint({
 *   main: 'tosca_definitions_version: cloudify_dsl_1_3\ninputs: { size: { default: 5 } }\n',
 * })
 * console.log(warnings.map(({ code, line }) => `${line} ${code}`)) // [ '2 lint.unused_input' ]
 */
export function lintBlueprint(texts: BlueprintTexts, knowledge: LintKnowledge = {}): readonly Problem[] {
  const { reporter, document, plan } = readBlueprint(texts)
  if (document === undefined || plan === undefined || reporter.count > 0) return []
  const files = texts.files ?? {}
  const scene: LintScene = {
    plan,
    document,
    provides: knowledge.provides ?? (() => undefined),
    lease: leaseOf(plan) ?? knowledge.lease ?? usualLease,
    isOwn: (source) => !source.isBundled && (source === document.main || Object.hasOwn(files, source.name)),
  }
  const warnings = lintRules.flatMap((rule) => warningsOf(rule, scene))
  const rank = new Map(document.sources.map(({ name }, index) => [name, index]))
  const rankOf = (file: string): number => rank.get(file) ?? rank.size
  return warnings.sort(
    (left, right) => rankOf(left.file) - rankOf(right.file) || left.line - right.line || left.column - right.column,
  )
}

/** What the blueprint itself gives the backup as its lease. */
function leaseOf({ workflows }: Plan): number | undefined {
  const lease = workflows['backup']?.parameters['lease']?.default
  if (typeof lease !== 'string' && typeof lease !== 'number') return undefined
  try {
    return parseDuration(lease)
  } catch {
    return undefined
  }
}

function warningsOf(rule: LintRule, scene: LintScene): Problem[] {
  const seen = new Set<string>()
  const warnings: Problem[] = []
  for (const finding of rule.check(scene)) {
    const warning = warningOf(rule, finding)
    // A type with many nodes is written once.
    const key = `${warning.file}:${warning.line}:${warning.column}:${warning.path}`
    if (seen.has(key) || isSilenced(rule.id, finding.place.source, warning.line)) continue
    seen.add(key)
    warnings.push(warning)
  }
  return warnings
}

function warningOf(rule: LintRule, { place, line, message, hint }: Finding): Problem {
  const { source } = place
  return {
    code: rule.id,
    severity: 'warning',
    message,
    hint,
    file: source?.name ?? '',
    ...positionOf(place, line),
    path: (place.shown ?? place.path).join('.'),
  }
}

function positionOf({ source, path, aim }: Place, line: number | undefined): { line: number; column: number } {
  if (line !== undefined || source === undefined) return { line: line ?? 1, column: 1 }
  return locate(source, path, aim)
}
