// A deployment whose backup stands in its snapshot until it is told to go on, for tests of what others do meanwhile.
import { openCliSite, type CliSite, type StartedCli } from './cli.ts'

const blueprint = `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin']
inputs:
  folder: { type: string }
node_types:
  slow:
    derived_from: cloudify.nodes.SoftwareComponent
    interfaces:
      cloudify.interfaces.freeze:
        fs_prepare: { implementation: step.sh, inputs: { step: { default: prepare }, folder: { default: { get_input: folder } } } }
        fs_finalize: { implementation: step.sh, inputs: { step: { default: finalize }, folder: { default: { get_input: folder } } } }
      cloudify.interfaces.snapshot:
        create: { implementation: step.sh, inputs: { step: { default: snapshot }, folder: { default: { get_input: folder } } } }
        delete: { implementation: step.sh, inputs: { step: { default: forget }, folder: { default: { get_input: folder } } } }
node_templates:
  slow: { type: slow }
`

const script = `#!/bin/sh
echo "$step" >>"$folder/steps"
if [ "$step" = snapshot ]; then
  if [ -e "$folder/deaf" ]; then trap '' TERM INT; fi
  ctx logger info 'the snapshot has begun'
  while [ ! -e "$folder/go" ]; do sleep 0.02; done
fi
if [ "$step" = finalize ] && [ -e "$folder/stuck" ]; then echo 'it is stuck' >&2; exit 1; fi
exit 0
`

/**
 * A site with the deployment `slow`. Files in its folder tell the script what to do: `go` ends the snapshot, `deaf` lets
 * it take no notice when it is asked to stop, `stuck` lets no thaw go well. Each step writes its name into `steps`.
 */
export async function openSlowSite(files: Readonly<Record<string, string>> = {}): Promise<CliSite> {
  const cli = await openCliSite()
  const path = await cli.write({ 'slow/blueprint.yaml': blueprint, 'slow/step.sh': script, ...files })
  await cli.ok('blueprints', 'upload', path)
  await cli.ok('deployments', 'create', 'slow', '-b', 'slow', '-i', `folder=${cli.folder}`)
  return cli
}

/** Starts a backup; resolves when its snapshot has begun. */
export async function slowBackup(cli: CliSite, ...words: readonly string[]): Promise<StartedCli> {
  const backup = cli.start('executions', 'start', 'backup', '-d', 'slow', ...words)
  await backup.line(/the snapshot has begun/)
  return backup
}
