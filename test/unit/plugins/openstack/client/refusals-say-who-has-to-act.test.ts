// Every answer that is no success becomes one fault: whose doing it is, whether something may have happened, and when it may
// be asked again.
import { expect } from 'chai'
import type { Fault } from '../../../../../src/kernel/fault.ts'
import { refusalFault } from '../../../../../src/plugins/openstack/client/refusals.ts'

const now = Date.parse('2026-11-21T12:00:00Z')

interface Case {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly isRead?: boolean
  readonly code: string
  readonly effect?: string
  readonly retry?: string
  readonly after?: number
  readonly says?: string
}

function refused({ status, body = '', headers = {}, isRead = false }: Case): Fault {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const call = {
    name: `${isRead ? 'GET' : 'POST'} compute /servers/abc`,
    isRead,
    origin: 'http://cloud',
    requestId: 'req-ours',
  }
  return refusalFault(call, { status, headers, text, requestId: 'req-theirs' }, now)
}

const nova = (kind: string, code: number, message: string) => ({ [kind]: { code, message } })

const cases: Readonly<Record<string, Case>> = {
  'a server of that id that is not there': {
    status: 404,
    body: nova('itemNotFound', 404, 'Instance abc could not be found.'),
    code: 'openstack.not_found',
    retry: 'never',
    says: 'Instance abc could not be found.',
  },
  'an image that is not there, in Glance`s words': {
    status: 404,
    body: { message: 'Failed to find image<br /><br />\n\n', code: '404 Not Found', title: 'Not Found' },
    code: 'openstack.not_found',
    says: 'Failed to find image',
  },
  'a page of a web server that is no cloud': {
    status: 404,
    body: '<html><head><title>404 Not Found</title></head><body>nginx</body></html>',
    code: 'openstack.bad_answer',
    retry: 'never',
    says: 'is the address right?',
  },
  'being sent elsewhere': { status: 301, body: '', headers: { location: 'https://x' }, code: 'openstack.bad_answer' },
  'a state in which it cannot be done': {
    status: 409,
    body: nova('conflictingRequest', 409, "Cannot 'suspend' instance abc while it is in vm_state suspended"),
    code: 'openstack.conflict',
    retry: 'never',
  },
  'a task that is under way': {
    status: 409,
    body: nova('conflictingRequest', 409, "Cannot 'suspend' instance abc while it is in task_state image_uploading"),
    code: 'openstack.busy',
    retry: 'later',
  },
  'a volume that does something else, which Cinder calls a bad request': {
    status: 400,
    body: nova(
      'badRequest',
      400,
      'Invalid volume: Volume status must be available, but current status is: backing-up.',
    ),
    code: 'openstack.busy',
    retry: 'later',
  },
  'a volume that is backed up already': {
    status: 400,
    body: nova(
      'badRequest',
      400,
      'Invalid volume: The volume to be backed up must be available or in-use, but the current status is "backing-up".',
    ),
    code: 'openstack.busy',
    retry: 'later',
  },
  'a volume that has snapshots': {
    status: 400,
    body: nova(
      'badRequest',
      400,
      'Invalid volume: Volume status must be available or error and must not have snapshots.',
    ),
    code: 'openstack.conflict',
    retry: 'never',
  },
  'an image that its store still holds': {
    status: 409,
    body: '<html><body>Image abc could not be deleted because it is in use: volume-1</body></html>',
    code: 'openstack.busy',
    retry: 'later',
  },
  'a server that is locked': {
    status: 409,
    body: nova('conflictingRequest', 409, 'Instance abc is locked'),
    code: 'openstack.conflict',
    retry: 'never',
  },
  'a volume in a state that does not end by itself': {
    status: 400,
    body: nova('badRequest', 400, 'Invalid volume: Volume status must be available, but current status is: in-use.'),
    code: 'openstack.conflict',
    retry: 'never',
  },
  'a request that makes no sense': {
    status: 400,
    body: nova('badRequest', 400, "Invalid input for field/attribute name. Value: 7. 7 is not of type 'string'"),
    code: 'openstack.bad_request',
    retry: 'never',
  },
  'a force flag that is missing': {
    status: 400,
    body: nova('badRequest', 400, 'Backing up an in-use volume must use the force flag.'),
    code: 'openstack.bad_request',
    retry: 'never',
  },
  'a quota of Nova': {
    status: 403,
    body: nova('forbidden', 403, 'Quota exceeded for instances: Requested 1, but already used 10 of 10 instances'),
    code: 'openstack.quota',
    retry: 'never',
  },
  'a quota of Cinder, which says when to come again': {
    status: 413,
    body: nova(
      'overLimit',
      413,
      "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.",
    ),
    headers: { 'retry-after': '0' },
    code: 'openstack.quota',
    retry: 'never',
  },
  'a quota of Neutron': {
    status: 409,
    body: { NeutronError: { type: 'OverQuota', message: "Quota exceeded for resources: ['port'].", detail: '' } },
    code: 'openstack.quota',
  },
  'a right that is missing': {
    status: 403,
    body: nova('forbidden', 403, "Policy doesn't allow os_compute_api:os-server-diagnostics to be performed."),
    code: 'openstack.denied',
    retry: 'never',
    says: "Policy doesn't allow os_compute_api:os-server-diagnostics to be performed.",
  },
  'too many requests, with seconds': {
    status: 429,
    body: { error: { message: 'slow down' } },
    headers: { 'retry-after': '7' },
    code: 'openstack.throttled',
    retry: 'later',
    after: 7000,
  },
  'too many requests, with a time of day': {
    status: 429,
    headers: { 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' },
    code: 'openstack.throttled',
    after: 30_000,
  },
  'too many requests, without a time': { status: 429, code: 'openstack.throttled', retry: 'later' },
  'too many requests, with a time that nobody waits for': {
    status: 429,
    headers: { 'retry-after': '999999' },
    code: 'openstack.throttled',
    after: 3_600_000,
  },
  'the rate limit of an old Nova': {
    status: 413,
    body: nova('overLimit', 413, 'This request was rate-limited.'),
    headers: { 'retry-after': '3' },
    code: 'openstack.throttled',
    retry: 'later',
    after: 3000,
  },
  'a change in a service that broke': {
    status: 500,
    body: nova('computeFault', 500, 'Unexpected API Error.'),
    code: 'openstack.failed',
    effect: 'unknown',
    retry: 'later',
  },
  'a read in a service that broke': {
    status: 500,
    isRead: true,
    code: 'openstack.failed',
    effect: 'none',
    retry: 'later',
  },
  'a change behind a proxy that saw no end': {
    status: 504,
    code: 'openstack.failed',
    effect: 'unknown',
    retry: 'later',
  },
  'a service that is away for a while': {
    status: 503,
    headers: { 'retry-after': '20' },
    isRead: true,
    code: 'openstack.failed',
    effect: 'none',
    retry: 'later',
    after: 20_000,
  },
  'what a cloud cannot do': { status: 501, code: 'openstack.failed', effect: 'none', retry: 'never' },
}

describe('OpenStack: a refusal', () => {
  for (const [what, known] of Object.entries(cases)) {
    it(`is told apart: ${what}`, () => {
      const fault = refused(known)
      expect({ code: fault.code, effect: fault.effect, after: fault.after }).to.deep.equal({
        code: known.code,
        effect: known.effect ?? 'none',
        after: known.after,
      })
      if (known.retry !== undefined) expect(fault.retry).to.equal(known.retry)
      if (known.says !== undefined) expect(fault.message).to.include(known.says)
      expect(fault.details['requestId']).to.equal('req-theirs')
      expect(fault.message).to.include('/servers/abc')
    })
  }

  it('of a page as long as a book is told in a few words', () => {
    const fault = refused({ status: 500, body: `<h1>oh</h1>${'x'.repeat(100_000)}`, code: '' })
    expect(fault.message.length).to.be.below(700)
    expect(fault.message).to.include('oh xxx')
  })

  it('names our request when the cloud has no name for it', () => {
    const call = { name: 'GET compute /', isRead: true, origin: '', requestId: 'req-ours' }
    const fault = refusalFault(call, { status: 500, headers: {}, text: '', requestId: null }, now)
    expect(fault.details['requestId']).to.equal('req-ours')
    expect(fault.message).to.include('it answers with status 500')
  })
})
