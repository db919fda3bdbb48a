// What the promises need on record: the moments of a run, labels and windows of recovery points, power states found.

export const promises: readonly string[] = [
  // One row for each commit that had moments to tell; `records` is a JSON list.
  `create table traces (
    execution_id text not null, batch integer not null, records text not null,
    primary key (execution_id, batch)) strict, without rowid`,
  `alter table freezes add column node_id text not null default ''`,
  `alter table freezes add column deployment_id text not null default ''`,
  // guest | host | platform | none
  `alter table freezes add column kind text not null default 'none'`,
  // When it was seen to be frozen; null when that was never seen.
  `alter table freezes add column seen_frozen_at integer`,
  // Places among all begins and ends of freezes of the execution: instants do not tell the order when clocks are set.
  `alter table freezes add column begun integer not null default 0`,
  `alter table freezes add column seen integer`,
  `create index freezes_history on freezes (deployment_id, node_id, frozen_at)`,
  `alter table recovery_points add column consistency text`,
  `alter table recovery_points add column inputs_digest text`,
  `alter table recovery_points add column parent_id text`,
  // Why it may not be deleted; null: it may.
  `alter table recovery_points add column held text`,
  `alter table recovery_points add column verified_at integer`,
  // JSON: what the last verification found; null: never verified.
  `alter table recovery_points add column verification text`,
  // JSON: common frozen interval, skew, groups.
  `alter table recovery_points add column frozen text`,
  // JSON: instance id -> fault, of parts that a partial recovery point lacks.
  `alter table recovery_points add column missing text`,
  `alter table parts add column node_id text not null default ''`,
  `alter table parts add column operation text not null default ''`,
  `alter table parts add column provider_id text`,
  `alter table parts add column parent_provider_id text`,
  `alter table parts add column bytes integer`,
  `alter table parts add column digest text`,
  `alter table parts add column consistency text`,
  // Why the label is not better; null when it is the best.
  `alter table parts add column reason text`,
  `alter table parts add column cut_from integer`,
  `alter table parts add column cut_to integer`,
  `alter table parts add column deleting_at integer`,
  // What operations in two halves had told already stands in their results.
  `update parts set
    node_id = coalesce((select node_id from node_instances join recovery_points
      on recovery_points.deployment_id = node_instances.deployment_id
      where recovery_points.id = parts.recovery_point_id and node_instances.id = parts.instance_id), ''),
    provider_id = case json_type(result, '$.providerId') when 'text' then json_extract(result, '$.providerId') end,
    bytes = case json_type(result, '$.bytes') when 'integer' then json_extract(result, '$.bytes') end,
    digest = case json_type(result, '$.digest') when 'text' then json_extract(result, '$.digest') end
    where json_valid(result)`,
  `create index parts_by_provider_id on parts (provider_id)`,
  // What suspend found, until resume has put it back.
  `create table power_states (
    deployment_id text not null references deployments(id) on delete cascade, instance_id text not null,
    state text not null, execution_id text not null, found_at integer not null,
    primary key (deployment_id, instance_id)) strict, without rowid`,
]
