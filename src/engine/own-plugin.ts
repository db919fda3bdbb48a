// A plugin as plans name one, for what asks for it without a blueprint: that which comes with us under the name.
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
