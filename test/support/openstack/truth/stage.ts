// A cloud, real or fake, and a story that is told of it: what came of each call, and how what was begun ended. What a
// story made is deleted after it.
import { request } from 'undici'
import { setTimeout as after } from 'node:timers/promises'
import { isJsonObject, type Json, type JsonObject } from '../../../../src/kernel/json.ts'
import { objects } from '../http/call.ts'
import type { TruthSite } from './site.ts'

type Where = 'compute' | 'volumev3' | 'image'

export interface Told {
  readonly status: number
  readonly body: JsonObject
  readonly text: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

export class Stage implements AsyncDisposable {
  readonly told: string[] = []
  readonly site: TruthSite
  readonly #urls: Readonly<Record<string, string>>
  #token: string
  /** In the order they were made; what was made last goes first. */
  readonly #made: { readonly where: Where; readonly path: string }[] = []

  private constructor(site: TruthSite, token: string, urls: Readonly<Record<string, string>>) {
    this.site = site
    this.#token = token
    this.#urls = urls
  }

  static async open(site: TruthSite): Promise<Stage> {
    const domain = { name: 'Default' }
    const user = { name: site.username, domain, password: site.password }
    const auth = {
      identity: { methods: ['password'], password: { user } },
      scope: { project: { name: site.project, domain } },
    }
    const answer = await send('POST', `${site.authUrl}/auth/tokens`, { body: { auth } })
    const { catalog } = answer.body['token'] as { readonly catalog: Json }
    const urls = objects(catalog).map((service) => {
      const found = objects(service['endpoints']).find((one) => one['interface'] === 'public')
      return [String(service['type']), String(found?.['url']).replace(/\/$/, '')] as const
    })
    return new Stage(site, answer.headers['x-subject-token'] ?? '', Object.fromEntries(urls))
  }

  tell(text: string): void {
    this.told.push(text)
  }

  /** `version`: `2.45`. */
  async call(method: string, where: Where, path: string, body?: Json, version?: string): Promise<Told> {
    const base = where === 'image' ? `${this.#urls['image'] ?? ''}/v2` : (this.#urls[where] ?? '')
    const service = where === 'volumev3' ? 'volume' : where
    return send(method, `${base}${path}`, {
      token: this.#token,
      body,
      ...(version === undefined ? {} : { version: `${service} ${version}` }),
    })
  }

  /** Tells the status, with the name and the words of a refusal; ids and numbers are other on each site. */
  async does(what: string, method: string, where: Where, path: string, body?: Json, version?: string): Promise<Told> {
    const answer = await this.call(method, where, path, body, version)
    const [name = ''] = answer.status >= 400 ? Object.keys(answer.body) : []
    this.tell(`${what}: ${answer.status}${name === '' ? '' : ` ${name}`}`)
    return answer
  }

  /** Glance's own kind of patch. */
  async patchImage(id: string, operations: Json): Promise<Told> {
    const contentType = 'application/openstack-images-v2.1-json-patch'
    const url = `${this.#urls['image'] ?? ''}/v2/images/${id}`
    const answer = await send('PATCH', url, { token: this.#token, body: operations, contentType })
    this.tell(`patch: ${answer.status}`)
    return answer
  }

  /** Whoever asks with it is nobody. */
  forgetToken(): void {
    this.#token = 'nonsense'
  }

  owns(where: Where, path: string): void {
    this.#made.push({ where, path })
  }

  /** A running server of its own. */
  async server(name = 'truth'): Promise<string> {
    const { image, flavor } = this.site
    const body = { server: { name, imageRef: image, flavorRef: flavor, networks: 'none' } }
    const answer = await this.call('POST', 'compute', '/servers', body, '2.37')
    const { id } = answer.body['server'] as { readonly id: string }
    this.owns('compute', `/servers/${id}`)
    await this.serverIs(id, 'ACTIVE')
    return id
  }

  /** An available volume of 1 GiB, empty. */
  async volume(extra: JsonObject = {}): Promise<string> {
    const answer = await this.call(
      'POST',
      'volumev3',
      '/volumes',
      { volume: { size: 1, name: 'truth', ...extra } },
      '3.40',
    )
    const { id } = answer.body['volume'] as { readonly id: string }
    this.owns('volumev3', `/volumes/${id}`)
    await this.settled('volume', id, 'available')
    return id
  }

  /** Waits until its status is this, with no task. @throws Error in time */
  async serverIs(id: string, wanted: string): Promise<JsonObject> {
    return this.#until(`server ${wanted}`, async () => {
      const { body } = await this.call('GET', 'compute', `/servers/${id}`)
      const server = (body['server'] ?? {}) as JsonObject
      const isThere = server['status'] === wanted && server['OS-EXT-STS:task_state'] === null
      return isThere ? server : undefined
    })
  }

  /** Waits until a volume, a snapshot or a backup has this status. */
  async settled(kind: 'volume' | 'snapshot' | 'backup', id: string, wanted: string): Promise<JsonObject> {
    return this.#until(`${kind} ${wanted}`, async () => {
      const { body } = await this.call('GET', 'volumev3', `/${kind}s/${id}`)
      const thing = (body[kind] ?? {}) as JsonObject
      return thing['status'] === wanted ? thing : undefined
    })
  }

  async imageIs(id: string, wanted: string): Promise<JsonObject> {
    return this.#until(`image ${wanted}`, async () => {
      const { body } = await this.call('GET', 'image', `/images/${id}`)
      return body['status'] === wanted ? body : undefined
    })
  }

  async gone(where: Where, path: string): Promise<void> {
    await this.#until(`${path} gone`, async () =>
      (await this.call('GET', where, path)).status === 404 ? true : undefined,
    )
  }

  async #until<Found>(what: string, look: () => Promise<Found | undefined>): Promise<Found> {
    const end = performance.now() + this.site.patience
    for (;;) {
      const found = await look()
      if (found !== undefined) return found
      if (performance.now() > end) throw new Error(`in vain: ${what}; told so far: ${this.told.join('; ')}`)
      await after(this.site.pause)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      for (const { where, path } of this.#made.toReversed()) {
        const { status } = await this.call('DELETE', where, path)
        if (status < 400) await this.gone(where, path)
      }
    } finally {
      await this.site[Symbol.asyncDispose]()
    }
  }
}

interface Sent {
  readonly token?: string
  readonly body?: Json | undefined
  readonly version?: string
  readonly contentType?: string
}

async function send(
  method: string,
  url: string,
  { token, body, version, contentType = 'application/json' }: Sent,
): Promise<Told> {
  const answer = await request(url, {
    method: method as 'GET',
    headers: {
      // Glance refuses in HTML otherwise.
      accept: 'application/json',
      ...(token === undefined ? {} : { 'x-auth-token': token }),
      ...(body === undefined ? {} : { 'content-type': contentType }),
      ...(version === undefined ? {} : { 'openstack-api-version': version }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.body.text()
  const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]))
  return { status: answer.statusCode, headers, text, body: jsonIn(text) }
}

function jsonIn(text: string): JsonObject {
  try {
    const parsed = JSON.parse(text) as Json
    return isJsonObject(parsed) ? parsed : {}
  } catch {
    return {}
  }
}
