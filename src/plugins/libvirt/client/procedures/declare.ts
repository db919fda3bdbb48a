// How a procedure is declared: its number, what it is given, what it returns, and what must be known to call it safely.
import { i32, list, struct, u32, withDefault, type Fields, type XdrStruct, type XdrType } from '../xdr.ts'

export interface Procedure<Arguments extends Fields, Returns extends Fields> {
  readonly program: 'remote' | 'qemu'
  readonly number: number
  readonly args: XdrStruct<Arguments>
  readonly returns: XdrStruct<Returns>
  /** Changes nothing: may be asked again whatever became of the first question. */
  readonly isRead: boolean
  /** May wait for a guest's agent, for a job, for data to be written; only a few of these are under way on a connection. */
  readonly isSlow: boolean
}

type Declared = <Arguments extends Fields, Returns extends Fields = Record<never, never>>(
  number: number,
  args: Arguments,
  returns?: Returns,
) => Procedure<Arguments, Returns>

function declaring(kind: Pick<Procedure<Fields, Fields>, 'program' | 'isRead' | 'isSlow'>): Declared {
  return (number, args, returns) => ({
    ...kind,
    number,
    args: struct(args),
    returns: struct(returns ?? ({} as NonNullable<typeof returns>)),
  })
}

export const read = declaring({ program: 'remote', isRead: true, isSlow: false })
export const slowRead = declaring({ program: 'remote', isRead: true, isSlow: true })
export const change = declaring({ program: 'remote', isRead: false, isSlow: false })
export const slowChange = declaring({ program: 'remote', isRead: false, isSlow: true })
/** Of QEMU's own program; what a command does is not known. */
export const qemuCommand = declaring({ program: 'qemu', isRead: false, isSlow: true })
export const qemuChange = declaring({ program: 'qemu', isRead: false, isSlow: false })

export const flags = withDefault(u32, 0)
/** 1: the list itself; 0: only how long it is. */
export const needResults = withDefault(i32, 1)

/** A list and its length, as most lists are returned. */
export function listed<Name extends string, Value>(
  name: Name,
  of: XdrType<Value>,
): Record<Name, XdrType<readonly Value[]>> & { readonly ret: XdrType<number> } {
  return { [name]: list(of), ret: u32 } as Record<Name, XdrType<readonly Value[]>> & { readonly ret: XdrType<number> }
}
