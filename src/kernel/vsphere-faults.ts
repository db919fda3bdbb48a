// The fault codes of the vSphere plugin: what a vCenter answers, how its tasks end, and what a node or a backup there cannot do.
import { entry, guest, user, withEffect, type FaultEntry } from './fault-entry.ts'

export const vsphereFaults = {
  'vsphere.bad_property': user("property '{property}': {reason}"),
  'vsphere.unreadable_file': user("cannot read '{path}': {reason}"),
  'vsphere.bad_certificate': user(
    '{url} cannot be trusted: {reason}',
    'name its authority as certificate_path, or its own certificate as thumbprint',
  ),
  'vsphere.refused': user('{url} refused to let us in: {message}', 'check the user and the password'),
  'vsphere.denied': user('{call}: {message} ({fault})', 'the user lacks a privilege for it'),
  'vsphere.session_ended': entry('provider', 'now', '{call}: the session had ended', undefined),
  'vsphere.not_found': entry('provider', 'never', '{call}: {message} ({fault})', undefined),
  'vsphere.bad_request': user('{call}: {message} ({fault})'),
  'vsphere.exists': user('{call}: {message} ({fault})'),
  'vsphere.busy': entry('provider', 'later', '{call}: {message} ({fault})', undefined),
  'vsphere.wrong_state': entry('provider', 'never', '{call}: {message} ({fault})', undefined),
  'vsphere.unsupported': user('{call}: {message} ({fault})'),
  'vsphere.no_room': entry('provider', 'later', '{call}: {message} ({fault})', 'make room for it'),
  'vsphere.quiesce_failed': guest(
    'later',
    '{call}: the guest could not be made to stand still: {message} ({fault})',
    'look at its tools, or say quiesce: prefer or never',
  ),
  'vsphere.no_guest': guest('later', '{call}: {message} ({fault})', 'look whether its tools run'),
  'vsphere.guest_refused': user('{call}: {message} ({fault})', 'look at guest_credentials'),
  'vsphere.guest_silent': withEffect(
    'unknown',
    guest('later', "the guest of '{machine}' was told to {what}, and did not within {limit}"),
  ),
  'vsphere.guest_failed': withEffect('varies', guest('later', "the guest of '{machine}' could not {what}: {reason}")),
  'vsphere.cannot_freeze': guest('never', "the guest of '{machine}' cannot be frozen: {reason}"),
  'vsphere.cancelled': withEffect('unknown', entry('provider', 'never', '{call}: the task was cancelled', undefined)),
  'vsphere.throttled': entry('provider', 'later', '{call}: too many requests ({status})', undefined),
  'vsphere.failed': withEffect('varies', entry('provider', 'later', '{call}: {message} ({fault})', undefined)),
  'vsphere.bad_answer': withEffect(
    'varies',
    entry('provider', 'never', '{call}: the answer cannot be understood: {reason}', undefined),
  ),
  'vsphere.unreachable': entry('network', 'later', 'cannot reach {url}: {reason}', undefined),
  'vsphere.connection_lost': withEffect(
    'varies',
    entry('network', 'later', '{call}: the connection was lost: {reason}', undefined),
  ),
  'vsphere.no_answer': withEffect('varies', entry('provider', 'later', '{call}: no answer within {limit}', undefined)),
  'vsphere.given_up': withEffect(
    'varies',
    entry('provider', 'later', '{call} was given up before it was answered', undefined),
  ),
  'vsphere.task_late': withEffect(
    'unknown',
    entry('provider', 'later', '{call}: its task {task} was not done within {limit}', 'raise max_wait_time'),
  ),
  'vsphere.task_lost': withEffect(
    'unknown',
    entry('provider', 'later', '{call}: the vCenter no longer knows its task {task}', undefined),
  ),
  'vsphere.not_created': user(
    'the node has no {kind} yet, so it is not known which one it is',
    'install it first, or name one that is there with use_external_resource',
  ),
  'vsphere.missing': entry('provider', 'never', "the vCenter has no {kind} '{name}'", undefined),
  'vsphere.ambiguous': user("the vCenter has {count} of {kind} '{name}': {ids}", 'name it by its id or by its path'),
  'vsphere.not_reached': withEffect(
    'unknown',
    entry('provider', 'later', "{kind} '{name}' is {state} and was not {wanted} within {limit}", undefined),
  ),
  'vsphere.cannot': entry('provider', 'never', "{kind} '{name}' cannot be {wanted}: {state}", undefined),
  'vsphere.folder_failed': user("cannot work in the folder '{path}': {reason}", 'look at its room and its rights'),
  'vsphere.copy_damaged': entry('provider', 'never', "the copy '{name}' cannot be used: {reason}", undefined),
  'vsphere.not_consolidated': withEffect(
    'done',
    entry('provider', 'later', "the disks of '{name}' still lie in pieces: {reason}", 'consolidate them by hand'),
  ),
} as const satisfies Readonly<Record<string, FaultEntry>>
