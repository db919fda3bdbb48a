// The OS_* variables of an openrc file, as keys of a `client_config`.
import type { JsonObject } from '../../../kernel/json.ts'

/** Variables whose name is not that of the key. */
const otherNames: Readonly<Record<string, string>> = {
  OS_CACERT: 'ca_cert',
  OS_TENANT_NAME: 'tenant_name',
  OS_DEFAULT_DOMAIN_ID: 'default_domain_id',
  OS_ENDPOINT_TYPE: 'endpoint_type',
}

/** Of the many that there are, those that say how to reach a cloud and as whom. */
const names = [
  'CLOUD',
  'AUTH_URL',
  'AUTH_TYPE',
  'USERNAME',
  'USER_ID',
  'PASSWORD',
  'TOKEN',
  'PROJECT_ID',
  'PROJECT_NAME',
  'TENANT_ID',
  'USER_DOMAIN_ID',
  'USER_DOMAIN_NAME',
  'PROJECT_DOMAIN_ID',
  'PROJECT_DOMAIN_NAME',
  'DEFAULT_DOMAIN',
  'TRUST_ID',
  'APPLICATION_CREDENTIAL_ID',
  'APPLICATION_CREDENTIAL_NAME',
  'APPLICATION_CREDENTIAL_SECRET',
  'REGION_NAME',
  'INTERFACE',
  'INSECURE',
  'CERT',
  'KEY',
  'COMPUTE_ENDPOINT_OVERRIDE',
  'VOLUME_ENDPOINT_OVERRIDE',
  'BLOCK_STORAGE_ENDPOINT_OVERRIDE',
  'IMAGE_ENDPOINT_OVERRIDE',
  'NETWORK_ENDPOINT_OVERRIDE',
  'IDENTITY_ENDPOINT_OVERRIDE',
].map((name) => [`OS_${name}`, name.toLowerCase()] as const)

export function fromEnvironment(environment: NodeJS.ProcessEnv): JsonObject {
  return Object.fromEntries(
    [...names, ...Object.entries(otherNames)].flatMap(([variable, key]) => {
      const value = environment[variable]
      if (value === undefined || value === '') return []
      return [[key, key === 'insecure' ? isMeant(value) : value]]
    }),
  )
}

// The command line client of OpenStack takes `1` for true as well.
function isMeant(value: string): boolean {
  return !['0', 'false', 'no', 'off'].includes(value.toLowerCase())
}
