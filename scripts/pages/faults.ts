// The page of all faults, from the fault table.
import type { Blame, Retry } from '../../src/kernel/fault.ts'
import { faultTable, type FaultCode } from '../../src/kernel/fault-table.ts'

const whoActs: Readonly<Record<Blame, string>> = {
  user: 'you: the command, the blueprint or the machine has to be changed',
  provider: 'whoever runs the script or the platform',
  guest: 'whoever looks after the frozen or saved system',
  network: 'whoever looks after the network',
  us: 'the makers of fermata',
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

Each fault also tells its \`effect\`: \`none\` when nothing was changed, \`done\` when the change was made, \`unknown\` when
nobody could tell. After \`unknown\` the next attempt looks before it acts.

This page is generated from the fault table; \`npm run gen\` writes it.`

const areaOf = (code: string): string => code.slice(0, code.indexOf('.'))

function faultText(code: FaultCode): string {
  const { message, blame, retry, hint }: { message: string; blame: Blame; retry: Retry; hint?: string } =
    faultTable[code]
  const isOwnText = /^\{\w+\}$/.test(message)
  return [
    `### \`${code}\``,
    '',
    `- Message: ${isOwnText ? 'differs from case to case' : `\`${message}\``}`,
    ...(hint === undefined ? [] : [`- Hint: ${hint === '{near}' ? 'names what comes near' : quoted(hint)}`]),
    `- Who has to act: ${whoActs[blame]}`,
    `- May be tried again: ${mayRepeat[retry]}`,
  ].join('\n')
}

// A hint may quote a command itself.
function quoted(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}
