// Where a host is, as people write it: `host`, `user@host:port`, `[::1]:22`, `ssh://user@host:port`.
import { fault } from '../../../kernel/fault.ts'

export interface Address {
  readonly host: string
  readonly port?: number
  readonly user?: string
}

/** @throws Fault `ssh.bad_address` */
export function parseAddress(text: string): Address {
  const match =
    /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(?:\[([^\]\s]+)\]|([^:@[\]\s/]+|[0-9a-fA-F:]*::?[0-9a-fA-F:.]+(?:%\w+)?))(?::(\d{1,5}))?\/?$/.exec(
      text.trim(),
    )
  const host = match?.[2] ?? match?.[3]
  const port = match?.[4] === undefined ? undefined : Number(match[4])
  // A name that begins with a dash would be an option wherever it is given to a program.
  if (host === undefined || host.startsWith('-') || (port !== undefined && (port < 1 || port > 65_535)))
    throw fault('ssh.bad_address', { details: { address: text } })
  const user = match?.[1]
  return { host, ...(port === undefined ? {} : { port }), ...(user === undefined ? {} : { user }) }
}
