// The hypervisors of this process: everybody who works with one takes it from here.
import type { OperationContext } from '../../contract/context.ts'
import type { Hypervisor } from './hypervisor.ts'
import type { Access } from './uri.ts'

/** Nothing is connected before the first call. @throws Fault `libvirt.bad_uri` */
export declare function hypervisorOf(ctx: Pick<OperationContext, 'world'>, uri: string, access?: Access): Hypervisor

/** Ends all connections; who asks afterwards gets new ones. */
export declare function closeSharedHypervisors(): Promise<void>
