// An error as libvirtd answers it: code, part that speaks, text.

/** Codes and domains by number; the client's names for them are what a test compares with. */
export class VirError extends Error {
  readonly code: number
  readonly domain: number

  constructor(code: number, message: string, domain = 10) {
    super(message)
    this.code = code
    this.domain = domain
  }
}

const part = { rpc: 7, storage: 18, network: 19, domain: 20, snapshot: 35, checkpoint: 69 } as const

export const noDomain = (uuid: string, name?: string): VirError =>
  new VirError(
    42,
    `Domain not found: no domain with matching ${name === undefined ? `uuid '${uuid}'` : `name '${name}'`}`,
  )
export const noSnapshot = (name: string): VirError =>
  new VirError(72, `Domain snapshot not found: no domain snapshot with matching name '${name}'`, part.snapshot)
export const noCheckpoint = (name: string): VirError =>
  new VirError(103, `Domain checkpoint not found: no domain checkpoint with matching name '${name}'`, part.checkpoint)
export const noNetwork = (name: string): VirError =>
  new VirError(43, `Network not found: no network with matching name '${name}'`, part.network)
export const noPool = (name: string): VirError =>
  new VirError(49, `Storage pool not found: no storage pool with matching name '${name}'`, part.storage)
export const noVolume = (name: string): VirError =>
  new VirError(50, `Storage volume not found: no storage vol with matching name '${name}'`, part.storage)
export const invalidArgument = (message: string): VirError => new VirError(8, `invalid argument: ${message}`)
export const operationFailed = (message: string): VirError => new VirError(9, `operation failed: ${message}`)
export const operationInvalid = (message: string, domain?: number): VirError =>
  new VirError(55, `Requested operation is not valid: ${message}`, domain)
export const internalError = (message: string): VirError => new VirError(1, `internal error: ${message}`)
export const unsupportedConfiguration = (message: string): VirError =>
  new VirError(67, `unsupported configuration: ${message}`)
export const systemError = (message: string, domain?: number): VirError => new VirError(38, message, domain)
export const noSupport = (procedure: string): VirError =>
  new VirError(3, `this function is not supported by the connection driver: ${procedure}`)
export const agentSilent = (message: string): VirError => new VirError(86, `Guest agent is not responding: ${message}`)
export const rpcError = (message: string): VirError => new VirError(39, message, part.rpc)
export const lockTimeout = (holder: string): VirError =>
  new VirError(68, `Timed out during operation: cannot acquire state change lock (held by ${holder})`)
export const operationAborted = (what: string): VirError => new VirError(78, `operation aborted: ${what}`)
export const unsupportedArgument = (message: string): VirError => new VirError(74, `argument unsupported: ${message}`)
export const noMetadata = (): VirError =>
  new VirError(80, 'metadata not found: Requested metadata element is not present')
