// One SOAP request and its answer: the method's element, or the fault in its place.
import type { World } from '../../../world/world.ts'
import { at, parseAnswer, textAt, type Element } from './element.ts'
import type { RawAnswer } from '../../http/answer.ts'
import type { HttpCall } from '../../http/network-faults.ts'
import { badAnswer } from './network-faults.ts'
import { callFault, statusFault } from './refusals.ts'
import type { VimRequest } from './session.ts'
import { requestText } from './value.ts'
import type { Wire } from './wire.ts'

export interface Exchange {
  readonly wire: Wire
  readonly origin: string
  readonly world: World
  /** Takes passwords out of texts. */
  redacted(text: string): string
}

const usualDeadline = 60_000

/** Every vCenter that is still about speaks it; newer names would shut out older ones. */
const version = 'urn:vim25/6.5'

/** Calls that change nothing that outlives the session. */
const reads =
  /^(Retrieve|ContinueRetrieve|CancelRetrieve|Query|WaitForUpdates|CancelWaitForUpdates|CurrentTime|Find|Log(in|out)$|Create(Container|List)View$|ModifyListView$|CreateFilter$|Destroy(View|PropertyFilter)$|HttpNfcLease(Progress|GetManifest)$|Export(Vm|Snapshot)$|Create(Descriptor|ImportSpec)$|(ListProcesses|InitiateFileTransferFrom)(InGuest|Guest)$)/

export function callOf(
  origin: string,
  { method, target, about }: Pick<VimRequest, 'method' | 'target' | 'about'>,
): HttpCall {
  return { name: `${method} ${about ?? target.id}`, isRead: reads.test(method), origin }
}

export async function exchange(
  { wire, origin, world, redacted }: Exchange,
  request: VimRequest,
  cookie: string | undefined,
): Promise<{ readonly element: Element; readonly cookie: string | undefined }> {
  const { method, target, args = [], signal, deadline = usualDeadline, isWaiting = false } = request
  const call = callOf(origin, request)
  const raw = await wire.send({
    call,
    url: `${origin}/sdk`,
    headers: {
      'content-type': 'text/xml; charset=utf-8',
      'user-agent': 'fermata',
      soapaction: `"${version}"`,
      ...(cookie === undefined ? {} : { cookie }),
    },
    body: requestText(method, target, args),
    signal,
    deadline,
    isWaiting,
  })
  const body = at(parseAnswer(raw.text), 'Body')
  const fault = at(body, 'Fault')
  if (fault !== undefined) throw callFault(call, faultIn(fault, redacted))
  const element = at(body, `${method}Response`)
  if (raw.status === 200 && element !== undefined) return { element, cookie: cookieIn(raw) }
  if (raw.status === 200) throw badAnswer(call, 'it is not what a vCenter says to that')
  throw statusFault(call, { ...raw, text: redacted(raw.text) }, world.clock.now())
}

function faultIn(fault: Element, redacted: (text: string) => string): { type: string; message: string } {
  const [detail] = at(fault, 'detail')?.children ?? []
  return {
    type: detail?.xsiType ?? detail?.name.replace(/Fault$/, '') ?? 'a fault without a type',
    message: redacted(textAt(fault, 'faultstring')?.trim() ?? ''),
  }
}

function cookieIn({ headers }: RawAnswer): string | undefined {
  return /vmware_soap_session=("[^"]*"|[^;,\s]+)/.exec(headers['set-cookie'] ?? '')?.[0]
}
