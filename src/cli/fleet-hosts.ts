// Reads which hosts are meant: `a,b,user@c:2222`, or a file with one on each line.
import { readFile, stat } from 'node:fs/promises'
import { fault } from '../kernel/fault.ts'
import type { InventoryHost } from '../plugins/contract/fleet.ts'

/** @throws Fault `fleet.bad_inventory`, `usage.unreadable_file` */
export async function readHosts(text: string): Promise<readonly InventoryHost[]> {
  const isFile = await stat(text).then(
    (found) => found.isFile(),
    () => false,
  )
  if (!isFile) return text.split(',').map((item) => readHost(item.trim(), text))
  const content = await readFile(text, 'utf8').catch((cause: unknown) => {
    throw fault('usage.unreadable_file', { details: { path: text, reason: (cause as Error).message }, cause })
  })
  return content.split(/\r?\n/).flatMap((line, index) => {
    const item = line.replace(/(^|\s)#.*$/, '').trim()
    return item === '' ? [] : [readHost(item, `${text}, line ${index + 1}`)]
  })
}

/** `host`, `user@host`, `host:port`, `[::1]:22`. @throws Fault `fleet.bad_inventory` */
export function readHost(text: string, source: string): InventoryHost {
  const match = /^(?:([^@\s]+)@)?(?:\[([0-9A-Fa-f:.%\w]+)\]|([^\s@:/[\]]+))(?::(\d{1,5}))?$/.exec(text)
  const address = match?.[2] ?? match?.[3]
  const port = match?.[4] === undefined ? undefined : Number(match[4])
  if (!match || address === undefined || address.startsWith('-') || port === 0 || (port ?? 1) > 65_535) {
    const reason = `'${text}' is no host; write host, user@host, host:port or [address]:port`
    throw fault('fleet.bad_inventory', { details: { source, reason } })
  }
  const user = match[1]
  return { address, ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) }
}
