import { isDeepStrictEqual } from 'node:util'
import { type Cause, machineCodes, second } from '@joinery/protocol'

/** The looks at why the Node is not Ready, while the agent waits for it. Times are milliseconds of `Clock`. */
export interface WhyLooks {
  /** Time from which on the next look may begin. */
  next: number
  /** True while a look goes on. */
  runs: boolean
  /** The causes that the last look found. */
  found?: readonly Cause[]
  /** The causes that the server was told last. */
  reported?: readonly Cause[]
  /** True if the server does not take causes: it is older. */
  untold?: true
}

/**
 * Milliseconds before the first look. Most Nodes are Ready before it: a look takes processor from the kubelet, just when it unpacks the
 * images that make the Node Ready.
 */
export const firstLook = 30 * second

/** Milliseconds between two looks. */
export const lookEvery = 15 * second

/** The looks of a wait that begins now. */
export const noLooks = (now: number): WhyLooks => ({ next: now + firstLook, runs: false })

/** True if a look may begin now. There is never more than one at a time. */
export const isLookDue = ({ next, runs }: WhyLooks, now: number): boolean => !runs && now >= next

/**
 * True if the server must be told these causes. The evidence has times and numbers that differ at each look, so a cause is the same if its
 * code and its sentence are. The first look is always told: the server may have the causes of an agent that ran before.
 */
export const mustReport = ({ reported, untold }: WhyLooks, found: readonly Cause[]): boolean =>
  untold !== true && !isDeepStrictEqual(reported?.map(told), found.map(told))

const told = ({ code, text }: Cause): string => `${code} ${text}`

/** The causes that the server is told. It takes no machine's word for what only the cluster knows, such as a ban. */
export const toldCauses = (found: readonly Cause[]): Cause[] => found.filter(({ code }) => machineCodes.includes(code))

/** The words of the first cause, for a line of status. Undefined if the words of the Node say as much. */
export const firstCause = ({ found }: WhyLooks): string | undefined => {
  const [first] = found ?? []
  return first === undefined || first.code === 'kubelet-says' ? undefined : first.text
}
