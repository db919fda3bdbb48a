// The first schema.

export const first: readonly string[] = [
  `create table blueprints (
    id text primary key, main_file text not null, description text, digest text not null, plan text not null,
    created_at integer not null) strict`,
  `create table deployments (
    id text primary key, blueprint_id text not null references blueprints(id), inputs text not null,
    prepared text not null, created_at integer not null) strict`,
  `create table node_instances (
    deployment_id text not null references deployments(id) on delete cascade, id text not null, node_id text not null,
    state text not null, runtime_properties text not null, primary key (deployment_id, id)) strict, without rowid`,
  `create index node_instances_by_id on node_instances (id)`,
  `create table executions (
    id text primary key, deployment_id text not null, blueprint_id text not null, workflow text not null,
    status text not null, parameters text not null, options text not null, created_at integer not null, ended_at integer,
    error text, result text, engine_id text) strict`,
  `create index executions_by_deployment on executions (deployment_id, created_at)`,
  `create table steps (
    execution_id text not null, key text not null, state text not null, attempt integer not null, result text, fault text,
    started_at integer not null, ended_at integer, primary key (execution_id, key)) strict, without rowid`,
  `create table events (
    execution_id text not null, sequence integer not null, time integer not null, kind text not null, level text,
    instance_id text, operation text, source_id text, target_id text, message text not null,
    primary key (execution_id, sequence)) strict, without rowid`,
  `create table freezes (
    execution_id text not null, bracket text not null, instance_id text not null, token text not null, deadman text,
    inputs text not null, frozen_at integer not null, until integer not null, thawed_at integer, expired integer not null,
    primary key (execution_id, bracket, instance_id)) strict, without rowid`,
  `create index freezes_open on freezes (instance_id) where thawed_at is null`,
  `create table recovery_points (
    id text primary key, deployment_id text not null, name text not null, incremental integer not null, type text not null,
    status text not null, execution_id text not null, blueprint_digest text not null, created_at integer not null,
    sealed_at integer) strict`,
  `create unique index recovery_points_by_name on recovery_points (deployment_id, name, incremental)`,
  `create table parts (
    recovery_point_id text not null references recovery_points(id) on delete cascade, instance_id text not null,
    result text not null, primary key (recovery_point_id, instance_id)) strict, without rowid`,
  `create table statistics (
    deployment_id text not null, instance_id text not null, name text not null, unit text, time integer not null,
    value real not null, primary key (instance_id, name, time)) strict, without rowid`,
  `create table secrets (
    name text primary key, sealed blob not null, created_at integer not null, updated_at integer not null) strict`,
  `create table engines (id text primary key, process text not null, started_at integer not null) strict`,
]
