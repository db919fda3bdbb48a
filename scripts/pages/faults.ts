// The page of all faults, from the fault table.
import type { Blame, Retry } from '../../src/kernel/fault.ts'
import type { FaultEntry } from '../../src/kernel/fault-entry.ts'
import { faultTable, type FaultCode } from '../../src/kernel/fault-table.ts'

const whoActs: Readonly<Record<Blame, string>> = {
  user: 'you: the command, the blueprint or the machine has to be changed',
  provider: 'whoever runs the script or the platform',
  guest: 'whoever looks after the frozen or saved system',
  network: 'whoever looks after the network',
  us: 'the makers of fermata',
}

const effects: Readonly<Record<NonNullable<FaultEntry['effect']>, string>> = {
  none: 'none, nothing was changed',
  done: 'done, the change was made',
  unknown: 'unknown, the change may have been made',
  varies: 'differs from case to case; the fault tells',
}

const mayRepeat: Readonly<Record<Retry, string>> = {
  never: 'no, it would fail again',
  now: 'yes, at once',
  later: 'yes, after a while; within an execution that is done as often as `--task-retries` allows',
}

const areas: Readonly<Record<string, string>> = {
  usage: 'Wrong use of the command line',
  archive: 'Blueprint archives',
  blueprint: 'Blueprints',
  plan: 'What cannot be carried out as asked',
  catalog: 'Backups',
  store: 'The state directory',
  engine: 'Executions',
  power: 'Suspending and resuming',
  freeze: 'Freezing and thawing',
  secret: 'Secrets',
  plugin: 'Plugins',
  script: 'Scripts',
  operation: 'Operations of plugins',
  local: 'Processes and directories of this machine',
}

export function faultsPage(): string {
  const codes = Object.keys(faultTable) as FaultCode[]
  const parts = [...new Set(codes.map(areaOf))].map((area) =>
    [`## ${areas[area] ?? area}`, ...codes.filter((code) => areaOf(code) === area).map(faultText)].join('\n\n'),
  )
  return `${[head, ...parts].join('\n\n')}\n`
}

const head = `# Faults

Every error of fermata has a code. It stands in brackets behind the message, and as \`code\` in \`--json\` output.
Words in braces are filled in. Which exit code a fault ends with is told in [exit codes](exit-codes.md).

A fault stands on two axes. Its \`effect\` tells whether the outside world changed, its \`retry\` whether it may be tried
again. Both are in \`--json\` output, and together they decide what the engine does next:

| effect | \`never\` | \`now\`, \`later\` |
| --- | --- | --- |
| \`none\`: nothing changed | the operation fails | it is tried again, as often as \`--task-retries\` allows |
| \`done\`: the change was made | the operation fails; a resume tries it again | it is tried again, and has to bear that |
| \`unknown\`: nobody can tell | the operation fails, and stays in doubt | it is looked up first, then tried again |

What an attempt in doubt does, also in another process after a crash:

| the operation | what comes first | and then |
| --- | --- | --- |
| has a \`lookUp\` | it is read back by its operation key | found: that is its result. Not found: it is run |
| uses \`ctx.once\` | its own look-up within the run | found: nothing is created a second time |
| is \`repeat: 'unsafe'\` and cannot be looked up | [\`operation.in_doubt\`](#operationin_doubt) stops the execution | \`executions resume ID --assume done\` or \`not-done\`, by a person who looked |
| anything else | nothing | it is run again with \`inDoubt\` set; running it twice does no harm |

A snapshot in a bracket that came to nothing is never in doubt for long: it is taken back whether or not it is known to be
there. A thaw is always tried again.

This page is generated from the fault table; \`npm run gen\` writes it.`

const areaOf = (code: string): string => code.slice(0, code.indexOf('.'))

function faultText(code: FaultCode): string {
  const { message, blame, retry, hint, effect = 'none' }: FaultEntry = faultTable[code]
  const isOwnText = /^\{\w+\}$/.test(message)
  return [
    `### \`${code}\``,
    '',
    `- Message: ${isOwnText ? 'differs from case to case' : `\`${message}\``}`,
    ...(hint === undefined ? [] : [`- Hint: ${hint === '{near}' ? 'names what comes near' : quoted(hint)}`]),
    `- Who has to act: ${whoActs[blame]}`,
    `- Effect: ${effects[effect]}`,
    `- May be tried again: ${mayRepeat[retry]}`,
  ].join('\n')
}

// A hint may quote a command itself.
function quoted(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}
