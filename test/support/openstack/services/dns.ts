// Designate: zones and the records in them, whose bodies nothing wraps.
import type { JsonObject } from '../../../../src/kernel/json.ts'
import { conflict, notFound, ok } from '../http/answer.ts'
import { param, textOr, type Call } from '../http/call.ts'
import type { Routes } from '../http/routes.ts'
import type { State } from '../model/state.ts'
import type { FakeThing } from '../model/things.ts'
import { isAskedFor, listed } from './listing.ts'

export function dnsRoutes(routes: Routes, state: State): void {
  const zones = state.things('zones')
  const records = state.things('recordsets')
  const zoneOf = (call: Call): FakeThing => {
    const zone = zones.get(param(call, 'zone'))
    if (zone) return zone
    throw notFound('Could not find Zone')
  }
  const add = (all: Map<string, FakeThing>, given: JsonObject) => {
    if ([...all.values()].some(({ name, type }) => name === given['name'] && type === given['type'])) {
      throw conflict(`Duplicate ${textOr(given['name'], '')}`)
    }
    const thing = { ...given, id: state.id(), status: 'PENDING' }
    all.set(thing.id, thing)
    state.work.begin(async () => {
      await state.work.step('dns:creating', thing.id, 'compute')
      thing.status = 'ACTIVE'
    })
    return { status: 202, body: thing }
  }
  const remove = (all: Map<string, FakeThing>, id: string) => {
    const thing = all.get(id)
    if (!thing) throw notFound(`Could not find ${id}`)
    thing['status'] = 'PENDING'
    state.work.begin(async () => {
      await state.work.step('dns:deleting', id, 'compute')
      all.delete(id)
    })
    return { status: 202, body: thing }
  }
  const list = (call: Call, all: Iterable<FakeThing>, collection: string) =>
    listed(
      state,
      call,
      [...all].filter((thing) => isAskedFor(call.query, thing)),
      { collection, id: ({ id }) => id, show: (thing) => thing },
    )
  routes.add('dns', 'GET /zones', (call) => list(call, zones.values(), 'zones'))
  routes.add('dns', 'POST /zones', (call) => add(zones, { type: 'PRIMARY', ...call.body }))
  routes.add('dns', 'GET /zones/:zone', (call) => ok(zoneOf(call)))
  routes.add('dns', 'DELETE /zones/:zone', (call) => remove(zones, param(call, 'zone')))
  const within = (call: Call): FakeThing[] =>
    [...records.values()].filter((record) => record['zone_id'] === zoneOf(call).id)
  routes.add('dns', 'GET /zones/:zone/recordsets', (call) => list(call, within(call), 'recordsets'))
  routes.add('dns', 'POST /zones/:zone/recordsets', (call) => add(records, { ...call.body, zone_id: zoneOf(call).id }))
  routes.add('dns', 'GET /zones/:zone/recordsets/:id', (call) => {
    const record = within(call).find(({ id }) => id === param(call, 'id'))
    if (record) return ok(record)
    throw notFound('Could not find RecordSet')
  })
  routes.add('dns', 'DELETE /zones/:zone/recordsets/:id', (call) => remove(records, param(call, 'id')))
}
