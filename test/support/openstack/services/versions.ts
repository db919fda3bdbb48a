// What each service says of its versions; read without a token.
import { ok } from '../http/answer.ts'
import type { Routes } from '../http/routes.ts'
import type { State } from '../model/state.ts'

export function versionRoutes(routes: Routes, state: State): void {
  const open = { isOpen: true }
  const current = (id: string, extra: Readonly<Record<string, string>> = {}) => ({
    id,
    status: 'CURRENT',
    updated: '2013-07-23T11:33:21Z',
    links: [],
    ...extra,
  })
  routes.add(
    'identity',
    'GET /',
    ({ origin }) =>
      ok({
        version: { ...current('v3.14'), status: 'stable', links: [{ rel: 'self', href: `${origin}/identity/v3/` }] },
      }),
    open,
  )
  routes.add(
    'identity',
    'GET /versions',
    ({ origin }) => ({
      status: 300,
      body: {
        versions: {
          values: [{ id: 'v3.14', status: 'stable', links: [{ rel: 'self', href: `${origin}/identity/v3/` }] }],
        },
      },
    }),
    open,
  )
  const compute = () => ({ version: `2.${state.newest.compute}`, min_version: '2.1' })
  routes.add('compute', 'GET /', () => ok({ version: current('v2.1', compute()) }), open)
  routes.add(
    'compute',
    'GET /versions',
    () =>
      ok({
        versions: [
          { ...current('v2.0', { version: '', min_version: '' }), status: 'SUPPORTED' },
          current('v2.1', compute()),
        ],
      }),
    open,
  )
  const volume = () => ({ versions: [current('v3.0', { version: `3.${state.newest.volume}`, min_version: '3.0' })] })
  routes.add('volume', 'GET /', () => ok(volume()), open)
  routes.add('volume', 'GET /versions', () => ({ status: 300, body: volume() }), open)
  routes.add('image', 'GET /versions', () => ({ status: 300, body: { versions: [current('v2.15')] } }), open)
  routes.add('network', 'GET /', () => ok({ resources: [] }), open)
  routes.add('network', 'GET /versions', () => ok({ versions: [current('v2.0')] }), open)
}
