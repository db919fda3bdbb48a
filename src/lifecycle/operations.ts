// The names of Cloudify's interfaces that the lifecycle and the workflows call. The misspelling is the real name.

export const fsPrepare = 'cloudify.interfaces.freeze.fs_prepare'
export const fsFinalize = 'cloudify.interfaces.freeze.fs_finalize'
export const freezeSuspend = 'cloudify.interfaces.freeze.suspend'
export const freezeResume = 'cloudify.interfaces.freeze.resume'
export const lifecycleSuspend = 'cloudify.interfaces.lifecycle.suspend'
export const lifecycleResume = 'cloudify.interfaces.lifecycle.resume'
export const snapshotCreate = 'cloudify.interfaces.snapshot.create'
export const snapshotApply = 'cloudify.interfaces.snapshot.apply'
export const snapshotDelete = 'cloudify.interfaces.snapshot.delete'
export const statisticsPerformance = 'cloudify.interfaces.statistics.perfomance'

export const computeType = 'cloudify.nodes.Compute'
