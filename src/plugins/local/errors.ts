// Errors of the file system as faults that name the path.
import { Fault, fault } from '../../kernel/fault.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'we may not access it',
  EPERM: 'we may not do that to it',
  ENOSPC: 'no space is left on its file system',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'its file system is read-only',
  ENOTDIR: 'it is not a directory',
  EBUSY: 'it is in use, or a file system is mounted there',
  EXDEV: 'it lies on another file system',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
}

/** Runs `work`; what it throws and is no fault becomes `local.io`, naming the path of the error or else `path`. */
export async function withIoFaults<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (thrown) {
    throw ioFault(path, thrown)
  }
}

function ioFault(path: string, thrown: unknown): unknown {
  if (thrown instanceof Fault || !(thrown instanceof Error) || !('code' in thrown)) return thrown
  const { code } = thrown
  // Only the system's errors have texts as codes; an abort has a number.
  if (typeof code !== 'string') return thrown
  const reason = reasons[code] === undefined ? thrown.message : `${reasons[code]} (${code})`
  const named =
    'path' in thrown && typeof thrown.path === 'string' && !thrown.path.startsWith('/proc/') ? thrown.path : path
  return fault('local.io', { details: { path: named, reason }, cause: thrown })
}
