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
if [ "$(tail -n 1 /data/records 2>/dev/null)" = "$record" ]; then echo kept; exit; fi # its answer was lost
echo "$record" | dd of=/data/records oflag=append conv=notrunc,fsync 2>/dev/null && echo kept
`

// What was noted is sent before the next is noted; after a boot it goes on behind what was noted last.
const collector = (records: string): string => `#!/bin/sh
[ ! -s /data/sent ] || n=$(wc -l < /data/sent)
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

/** Starts both halves, and with every boot of their guests; resolves with the address that takes hold and go. */
export async function startCollector(collectorGuest: string, recordsGuest: string): Promise<string> {
  await startKeeper(recordsGuest)
  const boot = '#!/bin/sh\nnc -ll -p 7000 -e /data/control &\nexec /data/collector\n'
  await install(collectorGuest, { control, collector: collector(await addressOf(recordsGuest)), boot })
  return addressOf(collectorGuest)
}

/** Starts what keeps records on port 7001, and with every boot of its guest; resolves with the address. */
export async function startKeeper(guest: string): Promise<string> {
  await install(guest, { keeper, boot: '#!/bin/sh\nexec nc -ll -p 7001 -e /data/keeper\n' })
  return addressOf(guest)
}

/** Resolves once nothing is under way between the two any more. */
export async function holdCollector(guest: string): Promise<void> {
  const answer = await inGuest(guest, 'echo hold | nc 127.0.0.1 7000')
  if (answer.trim() !== 'held') throw new Error(`the collector says '${answer}'`)
}

async function install(guest: string, scripts: Readonly<Record<string, string>>): Promise<void> {
  // What an earlier test left.
  await inGuest(guest, 'killall collector nc; rm -f /data/sent /data/records /run/hold /run/idle')
  for (const [name, script] of Object.entries(scripts)) {
    const text = Buffer.from(script).toString('base64')
    await inGuest(guest, `echo ${text} | base64 -d > /data/${name} && chmod 755 /data/${name} && sync`)
  }
  await inGuest(guest, 'setsid /data/boot </dev/null >/dev/null 2>&1 &')
}
