// Plugins that users upload, and which blueprint uses which package.

export const plugins: readonly string[] = [
  `create table plugins (
    package text not null, version text not null, description text, digest text not null, yaml text not null,
    files text not null, provides text not null, created_at integer not null, primary key (package, version)) strict`,
  // No reference to plugins: a blueprint may name a package that was never uploaded.
  `create table blueprint_plugins (
    blueprint_id text not null references blueprints(id) on delete cascade, package text not null,
    version text not null, primary key (blueprint_id, package, version)) strict, without rowid`,
  `insert or ignore into blueprint_plugins (blueprint_id, package, version)
    select blueprints.id, json_extract(plugin.value, '$.packageName'), json_extract(plugin.value, '$.packageVersion')
    from blueprints, json_each(blueprints.plan, '$.plugins') as plugin
    where json_extract(plugin.value, '$.packageName') is not null
      and json_extract(plugin.value, '$.packageVersion') is not null`,
]
