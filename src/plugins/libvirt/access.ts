// What the way to a hypervisor needs beside its URI, out of a node's properties: keys, passwords, certificates. It is read
// anew each time and kept nowhere, so that a secret stays where it is.
import type { JsonObject } from '../../kernel/json.ts'
import { Secret } from '../../kernel/secret.ts'
import type { OperationContext } from '../contract/context.ts'
import { readTargetSettings } from '../ssh/host/settings.ts'
import { parseUri, type Access } from './client/uri.ts'
import type { LibvirtSettings } from './settings.ts'

/** @throws Fault `libvirt.bad_property`, `ssh.bad_property` */
export async function accessOf(
  ctx: Pick<OperationContext, 'blueprintFile'>,
  { uri, options }: Pick<LibvirtSettings, 'uri' | 'options'>,
): Promise<Access> {
  const ssh = options.below('libvirt_ssh').values
  const tls = options.below('libvirt_tls')
  return {
    ...(Object.keys(ssh).length === 0 ? {} : { ssh: await sshAccess(ctx, parseUri(uri).host ?? '', ssh) }),
    ...(Object.keys(tls.values).length === 0
      ? {}
      : {
          tls: {
            ...pem('ca', tls.text('ca')),
            ...pem('certificate', tls.text('certificate')),
            ...keyOf(tls.text('key')),
          },
        }),
  }
}

/** As the node type of hosts over SSH spells it; address, user and port are the URI's unless they are given, too. */
async function sshAccess(
  ctx: Pick<OperationContext, 'blueprintFile'>,
  host: string,
  properties: JsonObject,
): Promise<NonNullable<Access['ssh']>> {
  const place = { blueprintFile: (path: string) => ctx.blueprintFile(path) }
  return readTargetSettings({ ip: host, ...properties }, place)
}

function pem<Name extends 'ca' | 'certificate'>(name: Name, text: string | undefined): Partial<Record<Name, string>> {
  return text === undefined ? {} : ({ [name]: text } as Record<Name, string>)
}

function keyOf(text: string | undefined): { readonly key?: Secret } {
  return text === undefined ? {} : { key: new Secret(text) }
}
