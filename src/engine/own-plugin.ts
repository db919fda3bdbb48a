// A plugin that comes with us, as plans name one: for what asks for it without a blueprint.
import type { PlannedPlugin } from '../blueprint/plan.ts'

export const ownPlugin = (name: string): PlannedPlugin => ({
  name,
  executor: 'central_deployment_agent',
  install: false,
  source: null,
  packageName: null,
  packageVersion: null,
  properties: {},
  written: {},
})
