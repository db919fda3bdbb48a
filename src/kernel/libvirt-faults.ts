// The fault codes of the libvirt plugin: what libvirt answers, and what a node or a backup of it cannot do.
import { entry, guest, user, withEffect, type FaultEntry } from './fault-entry.ts'

export const libvirtFaults = {
  'libvirt.bad_uri': user("'{uri}' is no address of a hypervisor: {reason}", '{expected}'),
  'libvirt.unreachable': entry('network', 'later', 'cannot reach {uri}: {reason}', undefined),
  'libvirt.unreadable_file': user("cannot read '{path}': {reason}"),
  'libvirt.refused': user('{uri} refused to let us in: {reason}'),
  'libvirt.connection_lost': withEffect(
    'varies',
    entry('network', 'later', 'the connection to {uri} was lost during {call}: {reason}', undefined),
  ),
  'libvirt.no_answer': withEffect(
    'varies',
    entry('provider', 'later', '{uri} did not answer {call} within {limit}', undefined),
  ),
  'libvirt.given_up': withEffect(
    'varies',
    entry('provider', 'later', '{call} was given up before {uri} had answered', undefined),
  ),
  'libvirt.bad_message': withEffect(
    'varies',
    entry('provider', 'never', 'what libvirt sent or was to be sent cannot be understood: {reason}', undefined),
  ),
  'libvirt.stream_broken': withEffect(
    'varies',
    entry('provider', 'later', '{call}: the contents did not come through: {reason}', undefined),
  ),
  'libvirt.not_found': entry('provider', 'never', '{call}: {message}', undefined),
  'libvirt.exists': user('{call}: {message}'),
  'libvirt.denied': user('{call}: {message}'),
  'libvirt.bad_request': user('{call}: {message}'),
  'libvirt.unsupported': entry('provider', 'never', '{call}: {message}', undefined),
  'libvirt.wrong_state': guest('never', '{call}: {message}'),
  'libvirt.busy': entry('provider', 'later', '{call}: {message}', undefined),
  'libvirt.agent_unresponsive': withEffect('varies', guest('later', '{call}: {message}')),
  'libvirt.agent_error': withEffect('varies', guest('later', '{call}: {message}')),
  'libvirt.call_failed': withEffect('varies', entry('provider', 'later', '{call}: {message}', undefined)),
  'libvirt.bad_property': user("property '{property}': {reason}"),
  'libvirt.bad_xml': user('the XML of {what} cannot be used: {reason}'),
  'libvirt.not_created': user(
    'the node has no resource_id, so it is not known which {kind} it is',
    'install it first, or name one with use_external_resource and resource_id',
  ),
  'libvirt.missing': entry('provider', 'never', "{uri} has no {kind} '{name}'", undefined),
  'libvirt.name_taken': user(
    "{uri} has a {kind} '{name}' already, and it is not of this node",
    'choose another name, or set use_external_resource to work with that one',
  ),
  'libvirt.not_reached': withEffect(
    'unknown',
    entry('provider', 'later', "domain '{name}' is {state} and was not {wanted} within {limit}", undefined),
  ),
  'libvirt.cannot': entry('provider', 'never', "domain '{name}' cannot be {wanted}: it is {state}", undefined),
  'libvirt.no_address': guest(
    'later',
    "domain '{name}' has shown no address within {limit}",
    'set wait_for_ip to false in params if it is not to have one',
  ),
  'libvirt.no_agent': guest(
    'later',
    "nobody answers in the guest of domain '{domain}': its agent is not there",
    'install and start qemu-guest-agent in it, or let it run on with freeze_policy skip or prefer',
  ),
  'libvirt.guest_silent': withEffect(
    'varies',
    guest('later', "the agent in the guest of domain '{domain}' was asked to {what} and said nothing in time"),
  ),
  'libvirt.agent_refused': withEffect(
    'varies',
    guest('later', "the agent in the guest of domain '{domain}' was asked to {what} and refused: {reason}"),
  ),
  'libvirt.guest_halted': guest(
    'later',
    "the guest of domain '{domain}' hears nothing, because the domain does not run: it cannot {what}",
    'resume or start the domain, or leave it out',
  ),
  'libvirt.frozen_already': guest(
    'later',
    "the guest of domain '{domain}' stands still already, by somebody else",
    'wait until they are done; `virsh domfsthaw` ends a freeze that was forgotten',
  ),
  'libvirt.nothing_frozen': withEffect(
    'varies',
    user("the guest of domain '{domain}' does not stand still: {reason}", 'compare mountpoints with `virsh domfsinfo`'),
  ),
  'libvirt.cannot_snapshot': user(
    "domain '{domain}' cannot be snapshotted: {reason}",
    'choose another snapshot_mode, or make a full backup: snapshot_incremental false',
  ),
  'libvirt.snapshot_taken': user(
    "domain '{domain}' has a snapshot '{name}' already, and it is not of this backup",
    'choose another snapshot_name',
  ),
  'libvirt.snapshot_missing': entry(
    'provider',
    'never',
    "domain '{domain}' has no snapshot '{name}' of that backup",
    undefined,
  ),
  'libvirt.snapshot_damaged': withEffect(
    'varies',
    entry('provider', 'never', "the snapshot '{name}' of domain '{domain}' cannot be used: {reason}", undefined),
  ),
  'libvirt.snapshot_in_use': user("the snapshot '{name}' of domain '{domain}' is needed as it is: {holder}"),
  'libvirt.backup_refused': user("domain '{domain}' cannot be backed up: {reason}"),
  'libvirt.backup_failed': withEffect(
    'done',
    entry('provider', 'never', "the backup of domain '{domain}' failed: {reason}", undefined),
  ),
  'libvirt.backup_damaged': entry('provider', 'never', "the backup '{name}' cannot be used: {reason}", undefined),
  'libvirt.restore_refused': user("domain '{domain}' cannot be restored: {reason}"),
  'libvirt.restored_not_started': withEffect(
    'done',
    entry('provider', 'later', "domain '{domain}' has its restored disks, but does not start: {reason}", undefined),
  ),
  'libvirt.differs': withEffect(
    'varies',
    entry(
      'provider',
      'never',
      "the {kind} '{name}' is not as the backup has it: {reason}. Different: {differences}",
      '`fermata backups compare` shows each value',
    ),
  ),
  'libvirt.in_use': user("the {kind} '{name}' is in use by {users}", 'turn those off first'),
  'libvirt.no_contents': withEffect(
    'varies',
    entry('network', 'later', "the volume '{name}' was not filled from {url}: {reason}", undefined),
  ),
  'libvirt.wrong_contents': withEffect(
    'done',
    entry('user', 'never', "what {url} gave for the volume '{name}' is not what was wanted: {reason}", undefined),
  ),
  'libvirt.revert_risky': user(
    "domain '{domain}' can be put back to the snapshot '{name}' only in a way that libvirt calls risky",
    'turn it off first, then restore again',
  ),
  'libvirt.not_reverted': withEffect(
    'varies',
    entry('provider', 'later', "domain '{domain}' is not back at the snapshot '{name}': {reason}", undefined),
  ),
} as const satisfies Readonly<Record<string, FaultEntry>>
