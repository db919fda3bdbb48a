// The fault codes of the GCP plugin: what Compute Engine answers, and what a node or a backup there cannot do.
import { entry, user, withEffect, type FaultEntry } from './fault-entry.ts'

export const gcpFaults = {
  'gcp.bad_property': user("property '{property}': {reason}"),
  'gcp.unreadable_file': user("cannot read '{path}': {reason}"),
  'gcp.no_account': user(
    'it is not known as whom to come to Google Cloud: {reason}',
    'give a service account as client_config.auth, or name its file with GOOGLE_APPLICATION_CREDENTIALS',
  ),
  'gcp.bad_certificate': user('{url} cannot be trusted: {reason}', 'name the authority that signed it as ca_cert'),
  'gcp.refused': user('{url} refused to let us in: {reason}', 'check the service account and its key'),
  'gcp.denied': user('{call}: {message}', 'the account lacks a permission for it'),
  'gcp.not_found': entry('provider', 'never', '{call}: {message}', undefined),
  'gcp.bad_request': user('{call}: {message}'),
  'gcp.quota': user('{call}: {message}', 'delete what is not needed, or ask for a larger quota'),
  'gcp.exists': entry('provider', 'never', '{call}: {message}', undefined),
  'gcp.in_use': entry('provider', 'never', '{call}: {message}', undefined),
  'gcp.exhausted': entry('provider', 'later', '{call}: {message}', 'the zone has no room for it now'),
  'gcp.busy': entry('provider', 'later', '{call}: {message}', undefined),
  'gcp.throttled': entry('provider', 'later', '{call}: {message}', undefined),
  'gcp.failed': withEffect('varies', entry('provider', 'later', '{call}: {message}', undefined)),
  'gcp.bad_answer': withEffect(
    'varies',
    entry('provider', 'never', '{call}: the answer cannot be understood: {reason}', undefined),
  ),
  'gcp.operation_failed': withEffect('varies', entry('provider', 'never', '{call} failed: {message}', undefined)),
  'gcp.operation_late': withEffect(
    'unknown',
    entry('provider', 'later', '{call} is {status} and was not done within {limit}', undefined),
  ),
  'gcp.unreachable': entry('network', 'later', 'cannot reach {url}: {reason}', undefined),
  'gcp.connection_lost': withEffect(
    'varies',
    entry('network', 'later', '{call}: the connection was lost: {reason}', undefined),
  ),
  'gcp.no_answer': withEffect('varies', entry('provider', 'later', '{call}: no answer within {limit}', undefined)),
  'gcp.given_up': withEffect(
    'varies',
    entry('provider', 'later', '{call} was given up before it was answered', undefined),
  ),
  'gcp.not_created': user(
    'the node has no name in the cloud, so it is not known which {kind} it is',
    'install it first, or name one with use_external_resource and resource_id',
  ),
  'gcp.missing': withEffect('varies', entry('provider', 'never', "the project has no {kind} '{name}'", undefined)),
  'gcp.not_ours': user(
    "there is a {kind} '{name}' already, and it was not made by this node",
    'choose another name, or say use_external_resource',
  ),
  'gcp.error_state': withEffect(
    'done',
    entry('provider', 'never', "{kind} '{name}' is in status {status}: {reason}", undefined),
  ),
  'gcp.not_reached': withEffect(
    'unknown',
    entry('provider', 'later', "{kind} '{name}' is {status} and was not {wanted} within {limit}", undefined),
  ),
  'gcp.cannot': entry('provider', 'never', "{kind} '{name}' cannot be {wanted}: it is {state}", undefined),
  'gcp.copy_damaged': entry('provider', 'never', "the copy '{name}' cannot be used: {reason}", undefined),
  'gcp.snapshot_rate': entry(
    'provider',
    'later',
    "{kind} '{name}' was copied {count} times within an hour, and no more than {most} are allowed",
    undefined,
  ),
  'gcp.not_copied': user("disk '{disk}' cannot be copied: {reason}"),
  'gcp.not_restorable': withEffect(
    'varies',
    entry('provider', 'never', "disk '{disk}' cannot be put back: {reason}", undefined),
  ),
} as const satisfies Readonly<Record<string, FaultEntry>>
