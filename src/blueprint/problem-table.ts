// Every problem code with its wording. `{name}` places are filled from the details of the single problem.

import type { Json } from '../kernel/json.ts'

interface ProblemEntry {
  /** Cloudify's error number, where it has one. */
  readonly alias?: number
  readonly message: string
  readonly hint?: string
}

export const problemTable = {
  // The text itself
  'blueprint.yaml': {
    alias: -1,
    message: 'this is not YAML: {reason}',
    hint: 'mend the text at this place; everything after it is unread',
  },
  'blueprint.too_deep': {
    message: 'nested deeper than {limit} levels',
    hint: 'a blueprint needs about ten levels; look for a runaway indentation',
  },
  'blueprint.too_large': {
    message: '{what} is larger than {limit}',
    hint: 'split it, or keep bulk data in a file beside the blueprint',
  },
  'blueprint.cyclic_alias': {
    message: 'an alias contains itself',
    hint: 'a YAML anchor cannot be used inside the value it names',
  },
  'blueprint.unsafe_key': { message: "the key '{key}' is not allowed", hint: 'rename it' },
  'blueprint.key_not_text': { alias: 1, message: "the key '{key}' is not written as text", hint: 'put it in quotes' },
  'blueprint.no_main': {
    alias: 30,
    message: "there is no file '{file}' to start from",
    hint: 'give the path of the main blueprint file',
  },

  // Shape
  'blueprint.wrong_shape': { alias: 1, message: "'{key}' must be {expected}, but this is {found}" },
  'blueprint.unknown_key': { alias: 1, message: "'{key}' means nothing here", hint: 'possible here: {allowed}' },
  'blueprint.missing_key': { alias: 1, message: "'{owner}' has no '{key}', which it needs" },
  'blueprint.empty_list': { alias: 1, message: "'{key}' is empty, it needs at least one entry" },
  'blueprint.bad_value': { alias: 1, message: "'{key}' cannot be {value}: {reason}" },
  'blueprint.bad_label': { alias: 1, message: "label '{key}': {reason}" },
  'blueprint.bad_schedule': { alias: 1, message: "schedule '{schedule}': {reason}" },
  'blueprint.version_missing': {
    alias: 27,
    message: "the blueprint does not say its 'tosca_definitions_version'",
    hint: 'begin it with: tosca_definitions_version: cloudify_dsl_1_3',
  },
  'blueprint.version_unsupported': { alias: 29, message: "version '{version}' is not known", hint: 'known: {known}' },
  'blueprint.version_too_low': {
    alias: 102,
    message: "'{feature}' needs {needed}, the blueprint says {version}",
    hint: 'write tosca_definitions_version: {needed}',
  },

  // Imports and merging
  'blueprint.import_not_found': { alias: 13, message: "cannot find import '{import}'", hint: '{where}' },
  'blueprint.import_repeated': {
    alias: 2,
    message: "'{import}' is imported twice in one list",
    hint: 'take one of the two out',
  },
  'blueprint.import_malformed': {
    alias: 220,
    message: 'an import must be a name, or one name with its properties: {reason}',
  },
  'blueprint.import_property': { alias: 221, message: "import '{import}': {reason}" },
  'blueprint.import_version': {
    alias: 28,
    message: "'{import}' is written in {version}, newer than the blueprint's {main}",
    hint: 'raise tosca_definitions_version of the main file to {version}',
  },
  'blueprint.namespace_delimiter': {
    alias: 212,
    message: "namespace '{namespace}' contains '--'",
    hint: "write it without '--'",
  },
  'blueprint.namespace_missing': { alias: 213, message: "'{import}' needs a namespace", hint: 'write: NAME--{import}' },
  'blueprint.namespace_used': {
    alias: 214,
    message: "namespace '{namespace}' already belongs to another blueprint import",
    hint: 'choose another namespace',
  },
  'blueprint.namespace_builtin': {
    alias: 214,
    message: "the built-in types cannot be imported under a namespace ('{namespace}')",
    hint: 'import them without one',
  },
  'blueprint.section_repeated': {
    alias: 3,
    message: "section '{section}' stands in more than one file, which {reason}",
    hint: '{remedy}',
  },
  'blueprint.merge_conflict': {
    alias: 4,
    message: "'{name}' is defined twice in '{section}': here and in {other}",
    hint: 'rename one of them, or import one under a namespace',
  },

  // Types
  'blueprint.unknown_node_type': { alias: 7, message: "node '{node}' has the unknown type '{type}'", hint: '{near}' },
  'blueprint.unknown_parent': {
    alias: 103,
    message: "type '{type}' is derived from '{parent}', which is not defined",
    hint: '{near}',
  },
  'blueprint.type_cycle': {
    alias: 100,
    message: 'types depend on each other in a circle: {cycle}',
    hint: 'one of them has to stand alone',
  },
  'blueprint.unknown_type': { alias: 103, message: "'{type}' is neither a primitive nor a data type", hint: '{near}' },
  'blueprint.primitive_redefined': {
    alias: 104,
    message: "'{type}' is a primitive type, it cannot be defined again",
    hint: 'choose another name',
  },
  'blueprint.wrong_type': { alias: 105, message: "{owner}: '{property}' must be {expected}, but it is {found}" },
  'blueprint.unknown_property': {
    alias: 106,
    message: "{owner} has no property '{property}' in its type {type}",
    hint: '{near}',
  },
  'blueprint.missing_property': {
    alias: 107,
    message: "{owner} needs a value for '{property}'{type}",
    hint: 'give it a value, or give its type a default',
  },
  'blueprint.external_by_function': {
    alias: 219,
    message: "{owner}: 'use_external_resource' must be true or false, not a function",
  },
  'blueprint.item_type_unknown': {
    alias: 217,
    message: "'{type}' cannot be an item_type",
    hint: 'only primitive types can',
  },
  'blueprint.item_type_without_list': { alias: 218, message: 'item_type only goes with type list, this one is {type}' },
  'blueprint.hidden_without_default': {
    alias: 215,
    message: "input '{input}' is hidden and required but has no default",
    hint: 'give it a default, or required: false',
  },
  'blueprint.display_misplaced': {
    alias: 216,
    message: "'display' only goes with type textarea, input '{input}' is {type}",
  },

  // Operations and plugins
  'blueprint.unmapped_operation': {
    alias: 10,
    message: "{owner}: '{implementation}' of operation '{operation}' is neither a plugin's nor a script",
    hint: '{near}',
  },
  'blueprint.unmapped_relationship_operation': {
    alias: 19,
    message: "{owner}: '{implementation}' of operation '{operation}' is neither a plugin's nor a script",
    hint: '{near}',
  },
  'blueprint.unmapped_workflow': {
    alias: 21,
    message: "{owner}: '{implementation}' is neither a plugin's nor a script",
    hint: '{near}',
  },
  'blueprint.ambiguous_plugin': {
    alias: 91,
    message: "{owner}: '{implementation}' fits several plugins: {plugins}",
    hint: 'rename one of these plugins',
  },
  'blueprint.script_input': {
    alias: 60,
    message: "{owner}: input '{input}' is set by fermata for scripts and cannot be given",
    hint: 'rename the input',
  },
  'blueprint.no_script_plugin': {
    alias: 61,
    message: "{owner}: '{implementation}' is a script, but no script plugin is defined",
    hint: 'import cloudify/types/types.yaml, which defines it',
  },
  'blueprint.plugin_executor': {
    alias: 18,
    message: "plugin '{plugin}': executor '{executor}' is not known",
    hint: 'write central_deployment_agent or host_agent',
  },
  'blueprint.operation_executor': {
    alias: 28,
    message: "operation '{operation}': executor '{executor}' is not known",
    hint: 'write central_deployment_agent or host_agent',
  },
  'blueprint.plugin_not_installable': {
    alias: 50,
    message: "plugin '{plugin}' is to be installed but has neither source nor package_name",
    hint: 'add one of them, or install: false',
  },
  'blueprint.bad_retries': { message: "'{key}' must be {expected}, but this is {found}" },
  'blueprint.host_needed': {
    alias: 24,
    message: "node '{node}' runs on no host, but plugin '{plugin}' needs one (executor host_agent)",
    hint: 'add a relationship contained_in to a compute node, or set executor: central_deployment_agent',
  },

  // Nodes and relationships
  'blueprint.unknown_relationship_type': {
    alias: 26,
    message: "node '{node}': relationship type '{type}' is not defined",
    hint: '{near}',
  },
  'blueprint.unknown_target': {
    alias: 25,
    message: "node '{node}' has a relationship to '{target}', which is no node",
    hint: '{near}',
  },
  'blueprint.target_is_self': { alias: 23, message: "node '{node}' has a relationship to itself" },
  'blueprint.contained_twice': {
    alias: 112,
    message: "node '{node}' is contained in {targets}; it can only be in one",
    hint: 'use connected_to for all but one',
  },
  'blueprint.relationship_cycle': {
    alias: 100,
    message: 'nodes depend on each other in a circle: {cycle}',
    hint: 'take one of these relationships out',
  },
  'blueprint.lifecycle_operation_missing': {
    alias: 215,
    message: "node '{node}': relationship to '{target}' says no lifecycle operation",
    hint: "give the property 'operation'",
  },
  'blueprint.lifecycle_operation_unknown': {
    alias: 216,
    message: "node '{node}' waits for operation '{operation}' of '{target}', which does not define it",
    hint: "add '{operation}' to cloudify.interfaces.lifecycle of '{target}'",
  },
  'blueprint.instances_twice': {
    alias: 209,
    message: "node '{node}' has both instances.deploy and capabilities.scalable",
    hint: 'take instances.deploy out, it is the old form',
  },
  'blueprint.negative_count': { alias: 207, message: "'{key}' must not be {value}" },
  'blueprint.count_order': { alias: 207, message: "'{key}': {reason}" },
  'blueprint.bad_count': { alias: 208, message: "'{key}': {reason}" },
  'blueprint.count_is_dict': { alias: 210, message: "'{key}' must be a number or a function, not a dict" },

  // Groups and policies
  'blueprint.unknown_member': {
    alias: 40,
    message: "group '{group}': member '{member}' is neither a node nor a group",
    hint: '{near}',
  },
  'blueprint.unknown_policy_type': {
    alias: 41,
    message: "group '{group}', policy '{policy}': policy type '{type}' is not defined",
    hint: '{near}',
  },
  'blueprint.unknown_trigger': {
    alias: 42,
    message: "group '{group}', trigger '{trigger}': type '{type}' is not defined",
    hint: '{near}',
  },
  'blueprint.group_cycle': { alias: 200, message: 'groups contain each other in a circle: {cycle}' },
  'blueprint.several_groups': {
    alias: 201,
    message: "'{member}' is a member of several scaling groups: {groups}",
    hint: 'keep it in one',
  },
  'blueprint.group_not_together': {
    alias: 202,
    message: "group '{group}': '{left}' and '{right}' are not contained in the same node",
    hint: 'put all members in one node, or none',
  },
  'blueprint.policy_unsupported': {
    alias: 204,
    message: "policy '{policy}': type '{type}' is not known",
    hint: 'write cloudify.policies.scaling',
  },
  'blueprint.policy_target': {
    alias: 205,
    message: "policy '{policy}': target '{target}' is no group",
    hint: '{near}',
  },
  'blueprint.policy_without_targets': {
    alias: 206,
    message: "policy '{policy}' has no targets",
    hint: 'name at least one group',
  },
  'blueprint.group_is_node': { alias: 211, message: "'{name}' is both a group and a node", hint: 'rename the group' },

  // Inputs
  'blueprint.unknown_constraint': { alias: 103, message: "'{constraint}' is no constraint", hint: '{near}' },
  'blueprint.constraint_form': {
    alias: 103,
    message: "a constraint of '{input}' has {count} operators, it needs exactly one",
    hint: 'make each operator an entry of its own: [{min_length: 1}, {max_length: 5}]',
  },
  'blueprint.constraint_argument': {
    alias: 212,
    message: "constraint '{constraint}' of '{input}' cannot take {found}",
    hint: 'it takes {expected}',
  },
  'blueprint.constraint_on_function': {
    alias: 213,
    message: "input '{input}' has constraints, so its value cannot be a function",
  },
  'blueprint.constraint_violated': { message: "input '{input}' is {found}, which breaks the constraint {constraint}" },
  'blueprint.unknown_input': { message: "there is no input '{input}'", hint: '{near}' },
  'blueprint.missing_input': {
    message: "input '{input}' has no value and no default",
    hint: 'give it with -i {input}=VALUE',
  },
  'blueprint.input_type': { alias: 214, message: "input '{input}': {reason}" },

  // Functions
  'blueprint.function_arguments': { message: '{function} is called wrongly: {reason}', hint: 'the form is {form}' },
  'blueprint.function_scope': { message: '{function} cannot use {reference} here', hint: '{where}' },
  'blueprint.function_version': {
    message: '{function} needs {needed}, the blueprint says {version}',
    hint: 'write tosca_definitions_version: {needed}',
  },
  'blueprint.function_unknown_input': { message: "get_input asks for '{input}', which is no input", hint: '{near}' },
  'blueprint.function_unknown_node': {
    message: "{function} asks for node '{node}', which does not exist",
    hint: '{near}',
  },
  'blueprint.function_failed': { message: '{function}: {reason}' },
  'blueprint.function_cycle': {
    message: 'functions refer to each other without end: {cycle}',
    hint: 'one of them has to be a plain value',
  },
  'blueprint.secrets_missing': {
    message: 'these secrets do not exist: {secrets}',
    hint: 'create each with: fermata secrets create NAME',
  },
  'blueprint.secrets_unsupported': {
    message: 'the blueprint needs secrets ({secrets}), but there is no secret store here',
  },
  'blueprint.unsupported_relationship': {
    message:
      "node '{node}': relationship type '{type}' is derived neither from depends_on, connected_to nor contained_in",
    hint: 'add derived_from: cloudify.relationships.depends_on',
  },
  'blueprint.bad_connection_type': {
    message: "node '{node}': connection_type '{value}' is not known",
    hint: 'write all_to_all or all_to_one',
  },
  'blueprint.all_to_one_in_group': {
    message: "node '{node}': all_to_one to '{target}' is not possible, both are in scaling group '{group}'",
  },
  'blueprint.nothing_to_scale': {
    message: "there is no node and no scaling group '{name}' to scale",
    hint: '{near}',
  },
  'blueprint.scale_out_of_range': {
    message: "'{name}' cannot have {count} instances: {reason}",
    hint: 'a whole number, within min_instances and max_instances of the blueprint',
  },
  'blueprint.too_many_instances': {
    message: 'this would make more than {limit} node instances',
    hint: 'lower default_instances',
  },
} as const satisfies Readonly<Record<string, ProblemEntry>>

export type ProblemCode = keyof typeof problemTable

/** What fills the `{name}` places. */
export type Details = Readonly<Record<string, Json | undefined>>

export function messageOf(code: ProblemCode, details: Details): string {
  return fill(problemTable[code].message, details)
}

/** undefined when there is none, or when nothing is known to put into it. */
export function hintOf(code: ProblemCode, details: Details): string | undefined {
  const entry: ProblemEntry = problemTable[code]
  const hint = entry.hint === undefined ? '' : fill(entry.hint, details)
  return hint === '' ? undefined : hint
}

export function aliasOf(code: ProblemCode): number | undefined {
  const entry: ProblemEntry = problemTable[code]
  return entry.alias
}

/** A detail that is not there leaves nothing. */
function fill(template: string, details: Details): string {
  return template.replace(/\{(\w+)\}/g, (_place, name: string) => {
    const value = details[name]
    if (value === undefined) return ''
    return typeof value === 'string' ? value : JSON.stringify(value)
  })
}
