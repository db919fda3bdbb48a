// Which running domains use something: read off what they run with now.
import { listDomains } from '../client/flags.ts'
import { hasCode } from '../client/errors.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { XmlElement } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'
import type { Scene } from './kind.ts'

/** Names of domains. */
export async function runningUsers(
  scene: Scene,
  hypervisor: Hypervisor,
  uses: (domain: XmlElement) => boolean,
): Promise<readonly string[]> {
  const { signal } = scene
  const { domains } = await hypervisor.call('CONNECT_LIST_ALL_DOMAINS', { flags: listDomains.active }, { signal })
  const found: string[] = []
  for (const dom of domains) {
    const answer = await hypervisor.call('DOMAIN_GET_XML_DESC', { dom }, { signal }).catch((thrown: unknown) => {
      if (hasCode(thrown, 'NO_DOMAIN')) return undefined
      throw thrown
    })
    if (answer && uses(parseXml(answer.xml, `domain '${dom.name}'`))) found.push(dom.name)
  }
  return found
}
