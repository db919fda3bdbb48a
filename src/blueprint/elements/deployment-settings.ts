// deployment_settings: default schedules, groups, and how deployments are named.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { type Element, placeIn } from '../document.ts'
import { type Build, fitsShape, objectAt, textAt } from './build.ts'
import { readMoment } from './schedule-moment.ts'
import { anything, dict, flag, integer, listOf, mapOf, oneOf, record, text, type Shape } from './shape.ts'

const schedule: Shape = record({
  workflow: { shape: text, required: true },
  since: { shape: text, required: true },
  until: text,
  timezone: text,
  recurring: text,
  recurrence: text,
  count: integer,
  weekdays: listOf(text),
  rrule: text,
  slip: integer,
  stop_after_fail: flag,
  default_enabled: flag,
  workflow_parameters: dict,
  execution_arguments: record({
    force: flag,
    is_dry_run: flag,
    dry_run: flag,
    wait_after_fail: integer,
    allow_custom_parameters: flag,
    queue: flag,
  }),
})

export const shape = record({
  default_schedules: mapOf(schedule),
  default_groups: listOf(anything),
  id_template: text,
  display_name: oneOf(text, dict),
})

export function readDeploymentSettings(build: Build): JsonObject {
  const element = build.document.singles.get('deployment_settings')
  if (element === undefined || !fitsShape(element, shape, build) || !isJsonObject(element.value)) return {}
  const { default_schedules: _written, ...settings } = element.value
  const schedules = objectAt(element.value, 'default_schedules')
  const read: Record<string, Json> = {}
  for (const [name, value] of Object.entries(schedules)) {
    if (isJsonObject(value)) read[name] = readSchedule(name, value, element, build)
  }
  return { ...settings, default_schedules: read }
}

function readSchedule(name: string, value: JsonObject, element: Element, build: Build): JsonObject {
  const result: Record<string, Json> = { ...value }
  const refuse: Refuse = (field, reason, ...inner) => {
    const place = placeIn(element, 'default_schedules', name, field, ...inner)
    build.reporter.add('blueprint.bad_schedule', place, { schedule: name, reason })
  }
  for (const field of ['since', 'until']) {
    const written = textAt(value, field)
    if (written === undefined) continue
    const moment = readMoment(written, textAt(value, 'timezone'))
    if ('reason' in moment) refuse(field, `${field} '${written}': ${moment.reason}`)
    else result[field] = moment.text
  }
  checkWeekdays(value, refuse)
  checkParameters(value, refuse)
  const { timezone: _timezone, ...rest } = result
  return rest
}

/** `inner`: the way to what is wrong within the field. */
type Refuse = (field: string, reason: string, ...inner: readonly string[]) => void

function checkWeekdays(value: JsonObject, refuse: Refuse): void {
  const days = value['weekdays']
  if (!Array.isArray(days)) return
  const bad = (days as readonly Json[]).find((day) => !/(su|mo|tu|we|th|fr|sa)$/i.test(String(day)))
  if (bad !== undefined) refuse('weekdays', `'${String(bad)}' is no weekday, they are su mo tu we th fr sa`)
}

const tooEarly = 'get_attribute only gives a value when the deployment runs; write a plain value or get_input'

/** Parameters are needed before the deployment runs, so nothing of its run time can be in them. */
function checkParameters(value: JsonObject, refuse: Refuse): void {
  const parameters = value['workflow_parameters']
  if (!isJsonObject(parameters)) return
  if (Object.hasOwn(parameters, 'get_attribute')) refuse('workflow_parameters', tooEarly, 'get_attribute')
  for (const [key, parameter] of Object.entries(parameters)) {
    if (!isJsonObject(parameter) || !Object.hasOwn(parameter, 'get_attribute')) continue
    refuse('workflow_parameters', `parameter '${key}': ${tooEarly}`, key, 'get_attribute')
  }
}
