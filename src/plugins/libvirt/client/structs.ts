// What libvirt's calls and events speak about: domains, snapshots, networks, volumes, parameters, errors.
import {
  bool,
  f64,
  i32,
  i64,
  list,
  malformed,
  nullable,
  str,
  struct,
  u32,
  u64,
  uuid,
  type ValueOf,
  type XdrType,
} from './xdr.ts'

/** The server finds it by uuid alone; `id` is -1 while it is off. */
export const domain = struct({ name: str, uuid, id: i32 })
export const snapshot = struct({ name: str, dom: domain })
export const checkpoint = struct({ name: str, dom: domain })
export const network = struct({ name: str, uuid })
export const pool = struct({ name: str, uuid })
/** `key` is the path where pools hold files. */
export const volume = struct({ pool: str, name: str, key: str })

export type Domain = ValueOf<typeof domain>
export type Snapshot = ValueOf<typeof snapshot>
export type Network = ValueOf<typeof network>
export type Pool = ValueOf<typeof pool>
export type Volume = ValueOf<typeof volume>

const parameterTypes = { i32, u32, i64, u64, f64, bool, str } as const
type ParameterTypes = typeof parameterTypes
type ParameterType = keyof ParameterTypes
const parameterNames = ['i32', 'u32', 'i64', 'u64', 'f64', 'bool', 'str'] as const satisfies readonly ParameterType[]

/** A value that says its type itself. */
export type Parameter = {
  readonly [Type in ParameterType]: {
    readonly field: string
    readonly type: Type
    readonly value: ValueOf<ParameterTypes[Type]>
  }
}[ParameterType]

export type ParameterValue = Parameter['value']

const parameter: XdrType<Parameter> = {
  read(from) {
    const field = str.read(from)
    const number = from.i32()
    const type = parameterNames[number - 1]
    if (type === undefined) throw malformed(`parameter '${field}' is of type ${number}`)
    return { field, type, value: parameterTypes[type].read(from) } as Parameter
  },
  write(to, { field, type, value }) {
    str.write(to, field)
    to.i32(parameterNames.indexOf(type) + 1)
    const of = parameterTypes[type] as XdrType<ParameterValue>
    of.write(to, value)
  },
}

const mostParameters = 262_144
export const parameters = list(parameter, mostParameters)

/** Parameters by their names. */
export function valuesOf(given: readonly Parameter[]): Readonly<Record<string, ParameterValue>> {
  return Object.fromEntries(given.map(({ field, value }) => [field, value]))
}

export const counter = struct({ field: str, value: u64 })
export const vcpuInfo = struct({ number: u32, state: i32, cpuTime: u64, cpu: i32 })
export const memoryStat = struct({ tag: i32, val: u64 })
export const domainStats = struct({ dom: domain, params: parameters })
export const diskError = struct({ disk: str, error: i32 })
export const fileSystem = struct({ mountpoint: str, name: str, fstype: str, dev_aliases: list(str, 256) })
const address = struct({ type: i32, addr: str, prefix: u32 })
export const networkInterface = struct({ name: str, hwaddr: nullable(str), addrs: list(address, 2048) })
export const dhcpLease = struct({
  iface: str,
  expiry: i64,
  type: i32,
  mac: nullable(str),
  iaid: nullable(str),
  ip: str,
  prefix: u32,
  hostname: nullable(str),
  clientid: nullable(str),
})

/** The body of a failed call, and of a stream that broke off. */
export const remoteError = struct({
  code: i32,
  domain: i32,
  message: nullable(str),
  level: i32,
  dom: nullable(domain),
  str1: nullable(str),
  str2: nullable(str),
  str3: nullable(str),
  int1: i32,
  int2: i32,
  net: nullable(network),
})
