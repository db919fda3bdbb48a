// The workflows that blueprints may map, by the names after the plugin's.
import type { Workflow } from '../../contract/workflow.ts'

export const openstackWorkflows: Readonly<Record<string, Workflow>> = {}
