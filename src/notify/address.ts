// Addresses of mail: one person each, and nothing in them that a header or the server could take for something else.
import { fault } from '../kernel/fault.ts'

const pattern = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?){1,20}$/

/** `a@b.org, c@d.org; e@f.org` as a list without repetitions. @throws Fault `mail.bad_address` */
export function readAddresses(texts: readonly string[]): readonly string[] {
  const parts = texts.flatMap((text) => text.split(/[,;]/)).map((part) => part.trim())
  return [...new Set(parts.filter((part) => part !== '').map(checkAddress))]
}

/** @throws Fault `mail.bad_address` */
export function checkAddress(address: string): string {
  if (address.length <= 254 && pattern.test(address) && !address.endsWith('.')) return address
  throw fault('mail.bad_address', { details: { address } })
}
