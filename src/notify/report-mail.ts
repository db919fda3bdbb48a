// The words of a mail about an execution that ended: subject, text and HTML. Nothing in it is taken for markup or headers.
import { formatDuration, type Duration, type Instant } from '../kernel/duration.ts'

export interface ReportFacts {
  readonly executionId: string
  readonly workflow: string
  readonly deploymentId: string
  /** terminated | failed | cancelled */
  readonly status: string
  readonly createdAt: Instant
  readonly endedAt: Instant
  readonly error: { readonly message: string; readonly code: string; readonly hint: string | null } | null
  /** What the workflow returned, in lines of name and value. */
  readonly result: readonly (readonly [string, string])[]
  readonly frozen: readonly {
    readonly instanceId: string
    readonly length: Duration | null
    readonly expired: boolean
  }[]
  /** Labels of what was saved. */
  readonly labels: readonly { readonly name: string; readonly consistency: string }[]
}

export interface ReportMail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

const outcomes: Readonly<Record<string, string>> = {
  terminated: 'succeeded',
  failed: 'failed',
  cancelled: 'was cancelled',
}
const longestSubject = 150
const mostRows = 50

export function reportMail(facts: ReportFacts): ReportMail {
  const outcome = outcomes[facts.status] ?? facts.status
  const subject = oneLine(`fermata: ${facts.workflow} of ${facts.deploymentId} ${outcome}`).slice(0, longestSubject)
  const sections = sectionsOf(facts, outcome)
  return { subject, text: textOf(sections), html: htmlOf(subject, sections) }
}

interface Section {
  readonly title: string | null
  readonly rows: readonly (readonly [string, string])[]
}

function sectionsOf(facts: ReportFacts, outcome: string): readonly Section[] {
  const { error, frozen, labels, result } = facts
  const section = (title: string, rows: Section['rows']): Section[] =>
    rows.length > 0 ? [{ title, rows: few(rows) }] : []
  return [
    {
      title: null,
      rows: [
        ['workflow', facts.workflow],
        ['deployment', facts.deploymentId],
        ['outcome', outcome],
        ['began (UTC)', moment(facts.createdAt)],
        ['took', formatDuration(facts.endedAt - facts.createdAt)],
        ['execution', facts.executionId],
      ],
    },
    ...section('What went wrong', [
      ...(error ? [['error', `${error.message} [${error.code}]`] as const] : []),
      ...(error?.hint ? [['what to do', error.hint] as const] : []),
      ...(error ? [['carry it on', `fermata executions resume ${facts.executionId}`] as const] : []),
    ]),
    ...section('What came of it', result),
    ...section(
      'What was saved',
      labels.map(({ name, consistency }) => [name, consistency] as const),
    ),
    ...section(
      'How long it stood still',
      frozen.map(({ instanceId, length, expired }) => [
        instanceId,
        `${length === null ? 'not seen to run again' : formatDuration(length)}${expired ? ', thawed by its deadman' : ''}`,
      ]),
    ),
  ]
}

function few(rows: Section['rows']): Section['rows'] {
  if (rows.length <= mostRows) return rows
  return [...rows.slice(0, mostRows), ['…', `${rows.length - mostRows} more`]]
}

function textOf(sections: readonly Section[]): string {
  const blocks = sections.map(({ title, rows }) => {
    const width = Math.max(...rows.map(([name]) => name.length)) + 2
    const lines = rows.map(
      ([name, value]) => `${`${oneLine(name)}:`.padEnd(width)}${plain(value).replaceAll('\n', '\n  ')}`,
    )
    return [...(title === null ? [] : [`${title}`, '']), ...lines].join('\n')
  })
  return `${blocks.join('\n\n')}\n`
}

function htmlOf(subject: string, sections: readonly Section[]): string {
  const blocks = sections.map(({ title, rows }) => {
    const lines = rows.map(
      ([name, value]) =>
        `<tr><td style="padding:2px 12px 2px 0;color:#666;vertical-align:top">${escapeHtml(oneLine(name))}</td>` +
        `<td style="padding:2px 0;white-space:pre-wrap">${escapeHtml(plain(value))}</td></tr>`,
    )
    const head = title === null ? '' : `<h3 style="margin:16px 0 4px">${escapeHtml(title)}</h3>`
    return `${head}<table style="border-collapse:collapse">${lines.join('')}</table>`
  })
  return (
    `<!doctype html><html><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>` +
    `<body style="font-family:sans-serif;font-size:14px"><h2>${escapeHtml(subject)}</h2>${blocks.join('')}</body></html>\n`
  )
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g
const plain = (text: string): string => text.replace(/\r\n?/g, '\n').replace(controls, ' ')
const oneLine = (text: string): string => plain(text).replace(/\s+/g, ' ').trim()
const moment = (instant: Instant): string => new Date(instant).toISOString().slice(0, 19).replace('T', ' ')
