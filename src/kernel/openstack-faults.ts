// The fault codes of the OpenStack plugin: what a cloud answers, and what a node or a backup of it cannot do.
import { entry, user, withEffect, type FaultEntry } from './fault-entry.ts'

export const openstackFaults = {
  'openstack.bad_property': user("property '{property}': {reason}"),
  'openstack.no_cloud': user("clouds.yaml has no cloud '{cloud}'", 'it has {known}'),
  'openstack.unreadable_file': user("cannot read '{path}': {reason}"),
  'openstack.no_service': user(
    "the cloud offers no {service} service in region '{region}' at its {interface} interface",
    'it offers {known}',
  ),
  'openstack.no_region': user("the cloud has no region '{region}'", 'it has {known}'),
  'openstack.no_microversion': entry(
    'provider',
    'never',
    '{service} of this cloud cannot do it: it needs version {needed}, and the cloud has {least} to {most}',
    undefined,
  ),
  'openstack.bad_certificate': user(
    '{url} cannot be trusted: {reason}',
    'name the authority that signed it as ca_cert in client_config',
  ),
  'openstack.refused': user('{url} refused to let us in: {reason}', 'check user, project, domains and password'),
  'openstack.denied': user('{call}: {message}', 'the user lacks a role for it'),
  'openstack.not_found': entry('provider', 'never', '{call}: {message}', undefined),
  'openstack.bad_request': user('{call}: {message}'),
  'openstack.quota': user('{call}: {message}', 'delete what is not needed, or ask for a larger quota'),
  'openstack.conflict': entry('provider', 'never', '{call}: {message}', undefined),
  'openstack.busy': entry('provider', 'later', '{call}: {message}', undefined),
  'openstack.throttled': entry('provider', 'later', '{call}: {message}', undefined),
  'openstack.failed': withEffect('varies', entry('provider', 'later', '{call}: {message}', undefined)),
  'openstack.bad_answer': withEffect(
    'varies',
    entry('provider', 'never', '{call}: the answer cannot be understood: {reason}', undefined),
  ),
  'openstack.unreachable': entry('network', 'later', 'cannot reach {url}: {reason}', undefined),
  'openstack.connection_lost': withEffect(
    'varies',
    entry('network', 'later', '{call}: the connection was lost: {reason}', undefined),
  ),
  'openstack.no_answer': withEffect(
    'varies',
    entry('provider', 'later', '{call}: no answer within {limit}', undefined),
  ),
  'openstack.given_up': withEffect(
    'varies',
    entry('provider', 'later', '{call} was given up before it was answered', undefined),
  ),
  'openstack.not_created': user(
    'the node has no id, so it is not known which {kind} it is',
    'install it first, or name one with use_external_resource and resource_config.id or name',
  ),
  'openstack.missing': entry('provider', 'never', "the cloud has no {kind} '{name}'", undefined),
  'openstack.ambiguous': user("{kind} '{name}' could be one of {count}: {ids}", 'give the id of the one that is meant'),
  'openstack.error_state': withEffect(
    'done',
    entry('provider', 'never', "{kind} '{id}' is in status {status}: {reason}", undefined),
  ),
  'openstack.not_reached': withEffect(
    'unknown',
    entry('provider', 'later', "{kind} '{id}' is {status} and was not {wanted} within {limit}", undefined),
  ),
  'openstack.cannot': entry('provider', 'never', "{kind} '{name}' cannot be {wanted}: it is {state}", undefined),
  'openstack.copy_damaged': entry('provider', 'never', "the copy '{name}' cannot be used: {reason}", undefined),
  'openstack.copy_needed': user("the {kind} '{id}' cannot be deleted: {holder}", 'delete those first'),
  'openstack.not_restorable': withEffect(
    'varies',
    entry('provider', 'never', "volume '{volume}' cannot be put back: {reason}", undefined),
  ),
  'openstack.no_snapshot': user(
    "no snapshot of '{instance}' of {date} can be used: {reason}",
    'usable are those of {known}',
  ),
  'openstack.left_off': withEffect(
    'done',
    entry(
      'provider',
      'later',
      "server '{server}' was stopped for this, and could not be started again: {reason}",
      'start it',
    ),
  ),
} as const satisfies Readonly<Record<string, FaultEntry>>
