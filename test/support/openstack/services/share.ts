// Manila in the words of its 2.0: shares, networks of shares, and who may mount.
import { accepted, badRequest, conflict, notFound, ok } from '../http/answer.ts'
import { objects, param, part, textOr } from '../http/call.ts'
import type { Routes } from '../http/routes.ts'
import type { State } from '../model/state.ts'
import { collectionRoutes } from './collections.ts'

export function shareRoutes(routes: Routes, state: State): void {
  collectionRoutes(routes, state, {
    service: 'share',
    collection: 'shares',
    member: 'share',
    created: 200,
    check: (_call, { share_proto: proto }) => {
      if (proto === undefined) throw badRequest('Invalid input received: share_proto is missing')
    },
    added: () => ({ status: 'creating', access: [] }),
    afterCreate: (_call, share) => {
      state.work.begin(async () => {
        await state.work.step('share:creating', share.id, 'volume')
        share['status'] = 'available'
      })
    },
  })
  collectionRoutes(routes, state, {
    service: 'share',
    path: '/share-networks',
    collection: 'share_networks',
    member: 'share_network',
    created: 200,
    beforeDelete: (_call, { id }) => {
      if ([...state.things('shares').values()].some((one) => one['share_network_id'] === id)) {
        throw conflict(`Can not delete share network ${id}, it has shares.`)
      }
    },
  })
  routes.add('share', 'POST /shares/:id/action', (call) => {
    const share = state.things('shares').get(param(call, 'id'))
    if (!share) throw notFound(`Share ${param(call, 'id')} could not be found.`)
    const rules = objects(share['access'])
    const [action = ''] = Object.keys(call.body)
    if (action === 'os-access_list') return ok({ access_list: rules })
    const given = part(call.body, action)
    if (action === 'os-allow_access') {
      if (rules.some((one) => one['access_to'] === given['access_to'])) {
        throw badRequest(`Share access ${textOr(given['access_type'], '')}:${textOr(given['access_to'], '')} exists.`)
      }
      const rule = { access_level: 'rw', ...given, id: state.id(), state: 'active' }
      share['access'] = [...rules, rule]
      return ok({ access: rule })
    }
    if (action !== 'os-deny_access') throw badRequest(`There is no such action: ${action}`)
    share['access'] = rules.filter((one) => one['id'] !== given['access_id'])
    return accepted()
  })
}
