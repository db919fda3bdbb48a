// A service of two guests: a collector in one sends records, the other keeps them on its disk; port 7000 pauses it.
import { inGuest, virsh } from './lab.ts'

/** The address that the guest was given by DHCP. */
export async function addressOf(guest: string): Promise<string> {
  const mac = /<mac address='([^']+)'/.exec(await virsh('dumpxml', guest))?.[1] ?? ''
  for (;;) {
    const lease = (await virsh('net-dhcp-leases', 'labnet', '--mac', mac)).match(/(\d+\.\d+\.\d+\.\d+)\/\d+/)
    if (lease?.[1] !== undefined) return lease[1]
  }
}

const keeper = `#!/bin/sh
read -r record
echo "$record" | dd of=/data/records oflag=append conv=notrunc,fsync 2>/dev/null && echo kept
`

// It counts what it sent, which is not sent again: what was noted is sent before the next is noted.
const collector = (records: string): string => `#!/bin/sh
while :; do
  if [ -e /run/hold ]; then : > /run/idle; sleep 0.05; continue; fi
  rm -f /run/idle
  n=$((\${n:-0} + 1))
  echo "$n" | dd of=/data/sent oflag=append conv=notrunc,fsync 2>/dev/null
  until [ "$(echo "$n" | nc -w 2 ${records} 7001)" = kept ]; do sleep 0.1; done
  sleep 0.05
done
`

const control = `#!/bin/sh
read -r word
case $word in
  hold) : > /run/hold; until [ -e /run/idle ]; do sleep 0.02; done; echo held;;
  go) rm -f /run/hold; echo going;;
  *) echo "what is '$word'?";;
esac
`

/** Starts both halves; resolves with the address that takes hold and go. */
export async function startCollector(collectorGuest: string, recordsGuest: string): Promise<string> {
  await install(recordsGuest, 'keeper', keeper)
  await inGuest(recordsGuest, 'setsid nc -ll -p 7001 -e /run/keeper </dev/null >/dev/null 2>&1 &')
  await install(collectorGuest, 'collector', collector(await addressOf(recordsGuest)))
  await install(collectorGuest, 'control', control)
  await inGuest(collectorGuest, 'setsid nc -ll -p 7000 -e /run/control </dev/null >/dev/null 2>&1 &')
  await inGuest(collectorGuest, 'setsid /run/collector </dev/null >/dev/null 2>&1 &')
  return addressOf(collectorGuest)
}

async function install(guest: string, name: string, script: string): Promise<void> {
  const text = Buffer.from(script).toString('base64')
  await inGuest(guest, `echo ${text} | base64 -d > /run/${name} && chmod 755 /run/${name}`)
}
