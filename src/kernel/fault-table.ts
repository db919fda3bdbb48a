// Every fault code with its wording. The reference page docs/reference/faults.md is generated from this table.
import { entry, guest, ours, user, withEffect, type FaultEntry } from './fault-entry.ts'
import { gcpFaults } from './gcp-faults.ts'
import { openstackFaults } from './openstack-faults.ts'
import { libvirtFaults } from './libvirt-faults.ts'
import { vsphereFaults } from './vsphere-faults.ts'

export const faultTable = {
  'usage.bad_duration': user("'{value}' is not a length of time", 'write 500ms, 30s, 1.5m, 2h or 7d'),
  'usage.bad_argument': user('{message}'),
  'usage.bad_pair': user("'{value}' is neither key=value, JSON, YAML nor a file that exists", 'write -p name=value'),
  'usage.not_found': user("there is no {kind} '{id}'", '{near}'),
  'usage.exists': user("{kind} '{id}' already exists", 'choose another id, or delete it first'),
  'usage.in_use': user("{kind} '{id}' is still used by {users}", 'delete those first'),
  'usage.bad_id': user(
    "'{id}' cannot be used as the id of a {kind}",
    'use letters, digits, - _ . ~, at most 256 of them, beginning with a letter',
  ),
  'usage.no_such_file': user("there is no file '{path}'"),
  'usage.unreadable_file': user("cannot read '{path}': {reason}"),

  'archive.unsafe_entry': user(
    "{archive}: entry '{entry}' is refused: {reason}",
    'an archive may hold plain files and folders below its own top',
  ),
  'archive.too_large': user('{archive}: more than {limit}', 'unpack it yourself and upload the folder'),
  'archive.unreadable': user('{archive}: not a readable archive: {reason}', 'zip, tar and tar.gz are accepted'),

  'blueprint.invalid': user('{summary}'),
  'blueprint.no_main_file': user("'{path}' holds no {file}", 'name the main file with --blueprint-filename'),

  'plan.unknown_workflow': user("blueprint '{blueprint}' has no workflow '{workflow}'", '{near}'),
  'plan.unknown_parameter': user("workflow '{workflow}' has no parameter '{parameter}'", '{near}'),
  'plan.bad_parameter': user("workflow '{workflow}', parameter '{parameter}': {reason}"),
  'plan.missing_parameter': user(
    "workflow '{workflow}' needs parameter '{parameter}'",
    'give it with -p {parameter}=VALUE',
  ),
  'plan.unknown_instance': user("deployment '{deployment}' has no node instance '{id}'", '{near}'),
  'plan.unknown_node': user("deployment '{deployment}' has no node '{node}'", '{near}'),
  'plan.unknown_group': user("deployment '{deployment}' has no group '{group}'", '{near}'),
  'plan.bad_property': user("node '{node}', property '{property}': {reason}"),
  'plan.unknown_node_type': user("no node of deployment '{deployment}' has the type '{type}'", '{near}'),
  'plan.unknown_operation': user("no node of deployment '{deployment}' has the operation '{operation}'", '{near}'),
  'plan.not_simulated': user("workflow '{workflow}' cannot be simulated", '{near}'),
  'plan.no_plugin': user(
    "node '{node}', operation '{operation}': no plugin provides '{implementation}'",
    'see `fermata plugins list` for what is there',
  ),
  'plan.function_failed': user('{reason}'),
  'plan.unsupported': user("node '{node}', operation '{operation}': {reason}"),
  'plan.nothing_to_do': user(
    "workflow '{workflow}': no chosen node does {operation}, so nothing would be saved",
    'map that operation in the blueprint, or choose other nodes',
  ),
  'plan.not_a_plan': user(
    'that is no plan of an execution: {reason}',
    'make one with `fermata executions plan --json`',
  ),
  'plan.stale': user(
    'the plan does not fit any more; changed since: {changes}',
    'make a new one with `fermata executions plan`, and look at it',
  ),
  'plan.has_errors': user('the plan says that this cannot run: {errors}', 'mend that, and make a new plan'),
  'plan.step_repeated': user("the workflow runs the step '{key}' twice", 'give each its own key, or its own phase'),
  'plan.cycle': user('the nodes depend on each other in a circle: {path}', 'take one of these relationships out'),
  'plan.bad_operation_input': user("node '{node}', operation '{operation}', input '{input}': {reason}"),

  'catalog.no_such_backup': user("deployment '{deployment}' has no backup '{name}'", '{near}'),
  'catalog.name_taken': user(
    "deployment '{deployment}' already has a backup '{name}'",
    'choose another snapshot_name, or remove that backup first',
  ),
  'catalog.not_restorable': user("backup '{name}' of deployment '{deployment}' cannot be restored: {reason}"),
  'catalog.ambiguous': user("'{id}' may be any of {count} backups: {found}", 'give the id, or more of it'),
  'catalog.held': user("backup '{name}' is held: {reason}", 'release it first: `fermata backups release {id}`'),
  'catalog.still_needed': user("backup '{name}' cannot be deleted: {needed} rest on it", 'delete those first'),
  'catalog.last_good': user(
    "backup '{name}' is the last {kind} one of deployment '{deployment}'",
    'make another first, or pass --break-floor',
  ),
  'catalog.part_removed': user("the part of '{instance}' was removed on request"),
  'catalog.lost_since': user(
    "backup '{name}' has lost the parts of {instances} since this execution saved them",
    'start a new backup',
  ),
  'catalog.being_deleted': user("backup '{name}' is being deleted", 'delete it again to bring that to its end'),
  'catalog.damaged': entry(
    'provider',
    'never',
    "backup '{name}' cannot be restored as it is: {reason}",
    'make a new backup; this one counts as good no longer',
  ),

  'store.read_only': user(
    "cannot write to the state directory '{home}': {reason}",
    'set FERMATA_HOME to a folder you may write to',
  ),
  'store.full': user(
    "no space is left where the state directory '{home}' lies",
    'nothing was lost; make room and run the command again',
  ),
  'store.corrupt': user(
    "the store '{path}' is damaged: {reason}",
    'it was left untouched; restore it from a copy, or move it aside to begin anew',
  ),
  'store.newer': user(
    "the store '{path}' was written by a newer fermata (schema {found}, this one knows {known})",
    'use that version',
  ),
  'store.failed': ours('the store refused a write: {reason}'),
  'store.unwell': user("the state directory '{home}' cannot be used: {reason}"),

  'engine.busy': user(
    "deployment '{deployment}' is busy: {holder}",
    'wait for it, pass --wait, or cancel it with `fermata executions cancel {execution}`',
  ),
  'engine.cancelled': withEffect('varies', user('the execution was cancelled')),
  'engine.not_resumable': user("execution '{id}' is {status}: {reason}"),
  'engine.nothing_failed': user(
    "execution '{id}' is {status}, and {reason}",
    'without --failed-only it is carried on where it ended',
  ),
  'engine.unexpected': withEffect('unknown', ours('unexpected: {message}')),
  'engine.timeout': withEffect(
    'unknown',
    entry('provider', 'later', "operation '{operation}' took longer than {limit}", undefined),
  ),
  'engine.workflow_failed': user('{message}'),
  'engine.stopped_behind': user("not run, because '{dependency}' failed"),

  'power.not_reached': withEffect(
    'done',
    guest('later', "node '{node}' is {state} and not {wanted}", 'see what its provider says'),
  ),

  'freeze.refused': withEffect('varies', guest('later', 'could not freeze: {reason}')),
  'freeze.not_armed': guest('later', 'the deadman could not be armed: {reason}'),
  'freeze.still_frozen': withEffect('varies', guest('later', 'could not thaw: {reason}')),
  'freeze.expired': withEffect(
    'varies',
    guest(
      'later',
      'the freeze of {nodes} ended by its lease before the bracket was through',
      'raise the lease, or make the cuts faster',
    ),
  ),

  'freeze.held': user(
    "'{instance}' is frozen by execution '{execution}'",
    'let that execution thaw it: `fermata executions resume {execution}`, or `fermata thaw`',
  ),
  'freeze.lease_too_long': user(
    "a lease of {lease} is more than node '{node}' can be held: {longest}",
    'ask for a shorter one, or leave the lease to fermata',
  ),
  'freeze.slo_predicted': user(
    "node '{node}' would be frozen for {predicted}, by its last times; its limit is {limit}",
    'make the cuts faster, raise freeze_slo, or choose freeze_slo_action degrade or warn',
  ),
  'freeze.slo_breached': withEffect(
    'varies',
    guest(
      'later',
      "node '{node}' was frozen for more than its limit of {limit}",
      'make the cuts faster, raise freeze_slo, or choose freeze_slo_action degrade or warn',
    ),
  ),

  'backup.partial': withEffect(
    'done',
    entry(
      'provider',
      'later',
      "backup '{name}' is partial: {missing}",
      'what could be saved is kept; `fermata executions resume {execution}` tries the rest again',
    ),
  ),

  'secret.missing': user("there is no secret '{name}'", 'create it with `fermata secrets create {name}`'),
  'secret.unreadable': user(
    "secret '{name}' cannot be decrypted",
    'the key file in the state directory is not the one it was written with',
  ),

  'plugin.no_yaml': user("'{path}' holds no {file}", 'name the YAML file of the plugin with -y'),
  'plugin.no_contract': user(
    "'{path}' cannot be tried: {reason}",
    'see `fermata plugins init` for a contract.ts to begin with',
  ),
  'plugin.invalid': user("plugin '{plugin}': {reason}"),
  'plugin.load_failed': user("plugin '{plugin}' could not be loaded from '{path}': {reason}"),

  'script.not_found': user("script '{path}' is not among the files of blueprint '{blueprint}'"),
  'script.bad_input': user('{message}'),
  'script.no_workspace': entry(
    'us',
    'later',
    "a script cannot be made ready in '{folder}': {reason}",
    'make room there, or name another folder with TMPDIR',
  ),
  'script.failed': withEffect('unknown', entry('provider', 'later', '{message}', undefined)),
  'script.aborted': withEffect('unknown', entry('provider', 'never', '{message}', undefined)),
  'script.retry_asked': entry('provider', 'later', '{message}', undefined),
  'script.no_interpreter': user(
    "'{interpreter}' is not on this machine, but '{path}' needs it",
    'install it, or name another with process.command_prefix',
  ),

  'operation.in_doubt': withEffect(
    'unknown',
    entry(
      'provider',
      'never',
      "{operation} of '{instance}' may have taken effect, and a second run could do harm",
      'look at {node}, then: fermata executions resume {execution} --assume done (or not-done; ' +
        'with several in doubt: --assume {step}=done)',
    ),
  ),
  'ssh.unknown_host_key': user(
    'the key of {host} is not known: {type} {fingerprint}',
    'compare it, and add it to known_hosts or name it as host_key; trust_on_first_use takes it unseen',
  ),
  'ssh.host_key_changed': user(
    '{host} shows another key than the one it is known by: {type} {fingerprint}',
    'somebody may be in between; when the host was really made anew, take its old key out of known_hosts',
  ),
  'ssh.host_certificate': user(
    '{host} is known by a certificate authority only, and certificates of hosts are not checked here: {type} {fingerprint}',
    'add its key to known_hosts, or name it as host_key',
  ),
  'ssh.bad_key': user("the private key '{key}' cannot be used: {reason}"),
  'ssh.unreadable_file': user("cannot read '{path}': {reason}"),
  'ssh.bad_config': user('ssh_config ({path}): {reason}'),
  'ssh.bad_address': user(
    "'{address}' is no address of a host",
    'write it as user@host:port; the user and the port may be left out',
  ),
  'ssh.refused': user('{host} refused to let us in: {reason}', 'check user, keys and password'),
  'ssh.unreachable': entry('network', 'later', 'cannot reach {host}: {reason}', undefined),
  'ssh.gateway_lost': entry('network', 'later', 'the gateway {host} is gone: {reason}', undefined),
  'ssh.connection_lost': withEffect(
    'unknown',
    entry('network', 'later', 'the connection to {host} was lost: {reason}', undefined),
  ),
  'ssh.channel_refused': entry('guest', 'later', '{host} opened no channel: {reason}', undefined),
  'ssh.timeout': withEffect(
    'unknown',
    entry('guest', 'later', 'a command on {host} took longer than {limit}', undefined),
  ),
  'ssh.no_sudo': user('sudo did not begin the command: {reason}', 'check the rights of the user and its password'),
  'ssh.bad_property': user("property '{property}': {reason}"),
  'ssh.bad_input': user('{message}'),
  'ssh.bad_prompt': withEffect('unknown', guest('later', 'the terminal did not answer as expected: {reason}')),
  'ssh.cannot_freeze': user('it cannot be frozen: {reason}'),
  'ssh.command_failed': withEffect('varies', guest('later', 'the command on {host} failed: {reason}')),
  'ssh.not_back': withEffect(
    'unknown',
    guest('later', '{host} {state} within {limit}, after it was told to boot anew'),
  ),
  'ssh.upload_failed': guest('later', "could not write '{path}' on {host}: {reason}"),

  'mail.bad_address': user("'{address}' is no address for mail", 'write name@example.com'),
  'mail.bad_settings': user('settings for mail: {reason}'),
  'mail.not_configured': user(
    'nobody said which server takes mail',
    'say it with `fermata mail settings --server HOST --from ADDRESS`, or in FERMATA_SMTP_URL',
  ),

  'fleet.hosts_failed': withEffect(
    'done',
    guest(
      'never',
      '{failed} of {hosts} hosts failed; {first}',
      'see all with `fermata fleet show`; resumed, those that failed run again, and those that are done do not',
    ),
  ),
  'fleet.budget_spent': withEffect(
    'done',
    guest(
      'never',
      'stopped with {done} of {hosts} hosts done, {failed} failed, {not_begun} not begun: {reason}; {first}',
      'see all with `fermata fleet show`; resumed, those that failed run again, then those that have not begun',
    ),
  ),
  'fleet.no_hosts': user(
    "no chosen node of deployment '{deployment}' runs commands",
    'its type must map fermata.interfaces.fleet.run, as fermata.nodes.ssh.Host does',
  ),
  'fleet.bad_inventory': user("'{source}': {reason}"),

  'operation.failed': withEffect('varies', entry('provider', 'later', '{message}', undefined)),
  'operation.retry': entry('provider', 'later', '{message}', undefined),
  'operation.aborted': entry('provider', 'never', '{message}', undefined),

  'local.bad_property': user("property '{property}': {reason}"),
  'local.not_running': guest(
    'later',
    'the process is not running: {reason}',
    'start it (-p operation=cloudify.interfaces.lifecycle.start with the execute_operation workflow), or leave it out with include_instances',
  ),
  'local.start_failed': guest('later', 'the process could not be started: {reason}'),
  'local.stop_failed': guest('later', 'the process {pid} did not end within {limit}'),
  'local.hook_failed': withEffect('unknown', guest('later', "hook '{hook}' failed: {reason}")),
  'local.no_such_directory': user("there is no directory '{path}'"),
  'local.snapshot_missing': user("there is no snapshot '{name}' of '{path}'"),
  'local.snapshot_exists': user("there is already a snapshot '{name}' of '{path}'", 'choose another snapshot_name'),
  'local.snapshot_damaged': guest('never', "snapshot '{name}' is damaged: {reason}"),
  'local.changed_while_read': guest('later', "'{path}' changed while it was read"),
  'local.io': guest('later', "'{path}': {reason}"),

  'sim.throttled': entry('provider', 'later', "simulated cloud, '{call}' of '{node}': too many requests", undefined),
  'sim.failed': entry('provider', 'later', "simulated cloud, '{call}' of '{node}': internal error", undefined),
  'sim.no_answer': withEffect(
    'unknown',
    entry('network', 'later', "simulated cloud, '{call}' of '{node}': no answer", undefined),
  ),
  'sim.missing': entry('provider', 'never', "the simulated cloud has no {kind} '{id}'", undefined),

  ...openstackFaults,
  ...gcpFaults,
  ...libvirtFaults,
  ...vsphereFaults,
} as const satisfies Readonly<Record<string, FaultEntry>>

export type FaultCode = keyof typeof faultTable
