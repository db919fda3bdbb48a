// The versions of the language, and what each of them brought.
export const versions = [
  'cloudify_dsl_1_0',
  'cloudify_dsl_1_1',
  'cloudify_dsl_1_2',
  'cloudify_dsl_1_3',
  'cloudify_dsl_1_4',
  'cloudify_dsl_1_5',
] as const

/** 0 for `cloudify_dsl_1_0`, 5 for `cloudify_dsl_1_5`. */
export type Minor = 0 | 1 | 2 | 3 | 4 | 5

export function minorOf(version: string): Minor | undefined {
  const index = versions.findIndex((known) => known === version)
  return index === -1 ? undefined : (index as Minor)
}

export function versionName(minor: Minor): string {
  return versions[minor]
}
