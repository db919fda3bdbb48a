// Users, groups, roles and projects: an administrator's things, whose names are taken once in a domain.
import type { ResourceKind } from '../resource/kind.ts'
import { namedFieldsOf } from '../resource/fields.ts'

const kindOf = (word: 'user' | 'group' | 'role' | 'project'): ResourceKind => ({
  word,
  type: word,
  service: 'identity',
  path: `/${word}s`,
  collection: `${word}s`,
  member: word,
  marking: 'description',
  change: 'PATCH',
  describe: async (scene) => namedFieldsOf(scene),
})

export const users = kindOf('user')
export const groups = kindOf('group')
export const roles = kindOf('role')
export const projects = kindOf('project')
