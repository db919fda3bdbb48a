// The page of exit codes, from the tables of the command line.
import { exitCodeFor, exitCodeMeanings, exitCodes, type ExitCode } from '../../src/cli/exit-codes.ts'
import { fault } from '../../src/kernel/fault.ts'
import { faultTable, type FaultCode } from '../../src/kernel/fault-table.ts'

export function exitCodesPage(): string {
  const codes = Object.keys(faultTable) as FaultCode[]
  const sections = Object.entries(exitCodes).map(([name, exitCode]) => {
    const faults = codes.filter((code) => exitCodeFor(fault(code)) === exitCode)
    return [`## ${exitCode}`, exitCodeMeanings[name as keyof typeof exitCodes], ...faultLine(exitCode, faults)].join(
      '\n\n',
    )
  })
  return `${[head, ...sections].join('\n\n')}\n`
}

const head = `# Exit codes

What a command ends with, for scripts that call it. Each code is followed by the [faults](faults.md) that lead to it.

This page is generated from the tables of the command line; \`npm run gen\` writes it.`

function faultLine(exitCode: ExitCode, faults: readonly FaultCode[]): string[] {
  if (faults.length === 0 || exitCode === exitCodes.ok) return []
  return [faults.map((code) => `[\`${code}\`](faults.md#${code.replace('.', '')})`).join(', ')]
}
