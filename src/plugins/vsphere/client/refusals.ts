// What a vCenter answers when it does not do what was asked, as faults. A fault of the call and the error of a task that was
// taken and failed later have the same types, and are told apart: only of the first is it certain that nothing was begun.
import { fault, type Effect, type Fault, type FaultCode } from '../../../kernel/fault.ts'
import { retryAfter, type RawAnswer } from '../../http/answer.ts'
import { effectOf, type HttpCall } from '../../http/network-faults.ts'

export interface VimFault {
  /** `FilesystemQuiesceFault` */
  readonly type: string
  readonly message: string
}

/** Fault type -> ours. Those that are not here have failed in a way of their own. */
const codes: Readonly<Partial<Record<FaultCode, readonly string[]>>> = {
  'vsphere.session_ended': ['NotAuthenticated'],
  'vsphere.denied': ['NoPermission', 'RestrictedVersion', 'AuthMinimumAdminPermission', 'LicenseRestricted'],
  'vsphere.not_found': ['ManagedObjectNotFound', 'NotFound', 'FileNotFound'],
  'vsphere.busy': [
    'TaskInProgress',
    'VAppTaskInProgress',
    'ConcurrentAccess',
    'HostCommunication',
    'HostNotReachable',
    'HostNotConnected',
    'ResourceInUse',
    'FileLocked',
    'Timedout',
  ],
  'vsphere.quiesce_failed': ['ApplicationQuiesceFault', 'FilesystemQuiesceFault', 'ToolsUnavailable'],
  'vsphere.wrong_state': [
    'InvalidPowerState',
    'InvalidState',
    'InvalidGuestState',
    'InvalidVmState',
    'VmPowerOnDisabled',
  ],
  'vsphere.no_room': [
    'NoDiskSpace',
    'InsufficientResourcesFault',
    'InsufficientMemoryResourcesFault',
    'InsufficientCpuResourcesFault',
    'InsufficientHostCapacityFault',
    'InsufficientStorageSpace',
    'OutOfBounds',
  ],
  'vsphere.unsupported': [
    'NotSupported',
    'NotImplemented',
    'MethodNotFound',
    'OperationDisabledByGuest',
    'OperationNotSupportedByGuest',
    'MemorySnapshotOnIndependentDisk',
    'VmConfigIncompatibleForFaultTolerance',
    'SnapshotDisabled',
    'MultipleSnapshotsNotSupported',
    'TooManySnapshotLevels',
  ],
  'vsphere.no_guest': ['GuestOperationsUnavailable', 'GuestComponentsOutOfDate', 'GuestProcessNotFound'],
  'vsphere.guest_refused': ['InvalidGuestLogin', 'GuestPermissionDenied', 'GuestAuthenticationChallenge'],
  'vsphere.cancelled': ['RequestCanceled'],
  'vsphere.exists': ['DuplicateName', 'AlreadyExists', 'FileAlreadyExists'],
  'vsphere.bad_request': ['InvalidArgument', 'InvalidName', 'InvalidRequest', 'InvalidType', 'InvalidDatastore'],
}

const codeOfType: ReadonlyMap<string, FaultCode> = new Map(
  Object.entries(codes).flatMap(([code, types]) => types.map((type) => [type, code as FaultCode] as const)),
)

/** The call itself was refused. */
export function callFault(call: HttpCall, found: VimFault): Fault {
  if (found.type === 'InvalidLogin') {
    return fault('vsphere.refused', { details: { url: call.origin, message: shortened(found.message) } })
  }
  const code = codeOfType.get(found.type) ?? 'vsphere.failed'
  return fault(code, {
    details: detailsOf(call, found),
    effect: code === 'vsphere.failed' ? effectOf(call) : 'none',
  })
}

/** The call was taken, and its task ended in an error. */
export function taskFault(call: Pick<HttpCall, 'name'>, task: string, found: VimFault): Fault {
  const code = codeOfType.get(found.type) ?? 'vsphere.failed'
  const isVague = code === 'vsphere.failed' || code === 'vsphere.cancelled' || code === 'vsphere.session_ended'
  const effect: Effect = isVague ? 'unknown' : 'none'
  return fault(code === 'vsphere.session_ended' ? 'vsphere.failed' : code, {
    details: { ...detailsOf(call, found), task },
    effect,
  })
}

/** Something before the vCenter's own words: a gateway, or a server that is about to start. */
export function statusFault(call: HttpCall, { status, headers, text }: RawAnswer, now: number): Fault {
  const after = retryAfter(headers['retry-after'], now)
  if (status === 429) return fault('vsphere.throttled', { details: { call: call.name, status }, after })
  const words = text
    .replace(/<(style|script|head)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const message = words === '' ? `it answers with status ${status}` : shortened(words)
  // 503 comes from the door: nobody has seen the request.
  const effect = status === 503 ? 'none' : effectOf(call)
  if (status >= 500) {
    return fault('vsphere.failed', { details: { call: call.name, message, fault: `status ${status}` }, effect, after })
  }
  return fault('vsphere.bad_answer', {
    details: { call: call.name, reason: `status ${status}, and not in the words of a vCenter; is the address right?` },
    effect: 'none',
  })
}

function detailsOf({ name }: Pick<HttpCall, 'name'>, { type, message }: VimFault) {
  return { call: name, message: message === '' ? 'it gives no reason' : shortened(message), fault: type }
}

const shortened = (text: string): string => (text.length > 500 ? `${text.slice(0, 500)}...` : text)
