// `fleet run`: runs a command on many hosts, shows how they fare, and what each of them said.
import type { Call } from '../call.ts'
import { deploymentOption, type CommandDefinition } from '../definition.ts'
import type { ExitCode } from '../exit-codes.ts'
import { hostOptions, loginOptions, readRunning, readTarget, runningOptions } from '../fleet-options.ts'
import { fleetText } from '../fleet-table.ts'
import { readRunOptions, runOptions } from '../run-options.ts'
import { watchExecution } from '../watch-execution.ts'

/** `--concurrency` says that. */
const ownOptions = runOptions.filter(({ flags }) => !flags.startsWith('--task-thread-pool-size'))

export const fleetRun: CommandDefinition = {
  words: 'fleet run',
  summary: 'run a command on many hosts',
  arguments: [{ name: 'COMMAND', description: 'behind --', isOptional: true, isVariadic: true }],
  options: [deploymentOption, ...hostOptions, ...loginOptions, ...runningOptions, ...ownOptions],
  notes: [
    'One word behind -- is read by the shell of each host; several are a command and its arguments, which no shell reads. ' +
      'A command that began goes on when the connection is lost; the host is called again and asked for its end.',
    'The run is an execution: Ctrl-C cancels it, and `fermata executions resume ID` runs what failed and what had not ' +
      'begun. A host that is done is never called again.',
    'With --json each event is one line, then comes the execution, and the last line is what each host came to.',
  ],
  examples: [
    'fermata fleet run --hosts web1,web2 -- uname -r',
    "fermata fleet run --hosts hosts.txt --jump gate.example.com --canary 2 --batch 25% --budget 3 -- 'apt-get -y upgrade'",
    'fermata fleet run -d shop --group web --sudo --script upgrade.sh --reboot',
  ],
  run: runFleet,
}

async function runFleet(call: Call): Promise<ExitCode> {
  const on = await readTarget(call)
  const running = await readRunning(call)
  const limits = readRunOptions(call)
  const fermata = await call.fermata()
  let id: string | undefined
  const code = await watchExecution(call, (hooks) =>
    fermata.fleet.run({
      ...limits,
      ...running,
      ...hooks,
      on,
      onStarted(execution) {
        id = execution.id
        hooks.onStarted(execution)
      },
    }),
  )
  if (id !== undefined) await showHosts(call, id)
  return code
}

async function showHosts(call: Call, id: string): Promise<void> {
  const report = await (await call.fermata()).fleet.show(id)
  if (call.isJson) return call.print(JSON.stringify(report))
  if (call.isQuiet) return
  call.print(await fleetText(report, report.hosts, { paint: call.paint, withOutput: false }))
  call.print(`All output: fermata fleet show ${id} --output`)
}
