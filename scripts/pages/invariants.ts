// docs/reference/invariants.md: what the check of an execution holds its log against.
import { traceTypes } from '../../src/kernel/trace.ts'
import { promises, type PromiseName, type Rule } from '../../src/report/oracle/rule.ts'
import { rules } from '../../src/report/oracle/rules.ts'

const titles: Readonly<Record<PromiseName, string>> = {
  thaw: 'Thaw: nothing stays frozen',
  order: 'Order: nothing is cut that does not stand still',
  effects: 'Effects: nothing is done twice',
  resume: 'Resume: a crash changes nothing',
  truth: 'Truth: nothing is claimed that was not seen',
  'last good': 'Last good: the copy that is needed stays',
  'nothing left': 'Nothing left: no remains after a failure or a cancel',
  record: 'The record itself',
}

const needs: Readonly<Record<Rule['needs'], string>> = {
  moments: 'moments',
  events: 'events',
  bracket: 'moments, or `Starting to` and `Done` of freezes, cuts and thaws',
  anything: 'anything',
}

const head = `# Invariants

\`fermata executions check ID\` holds the log of an execution against these rules and ends with exit code 7 when one is
broken. The log has the [events](events.md) that everybody sees and the moments that a run reports between them: a ledger
row is on disk, a deadman is armed, a cut has ended. The rules know nothing of the engine that wrote the log.

\`--transcript FILE\` checks a saved console log, also one of \`cfy\`; \`...\` stands for what was left out of it. Rules that
need more than a log has say nothing: executions of older versions and console logs have no moments.

This page is generated from the rules, and a test holds against each rule a log that breaks it alone; \`npm run gen\`
writes it.
`

const momentsHead = `## Moments

What a run writes down between its events, with what each moment tells beside its time, the instance and the round of the
bracket. \`executions check ID --log\` prints them.

| moment | tells |
| --- | --- |`

export function invariantsPage(): string {
  const sections = promises.map((promise) => {
    const rows = rules
      .filter((rule) => rule.promise === promise)
      .map((rule) => `| \`${rule.id}\` | ${rule.claim} | ${needs[rule.needs]} |`)
    return [`## ${titles[promise]}`, '', '| rule | what holds | needs |', '| --- | --- | --- |', ...rows, ''].join('\n')
  })
  const moments = Object.entries(traceTypes).map(
    ([type, fields]) => `| \`${type}\` | ${fields.map((field) => `\`${field}\``).join(', ')} |`,
  )
  return [head, ...sections, momentsHead, ...moments, ''].join('\n')
}
