import { escapeText, isNodeName } from '@joinery/protocol'
import type { SeenEnrolment } from '../operator-client.ts'
import { restAfter } from '../output/watch/watch.ts'
import { eachPage } from '../selection/select.ts'
import type { Session } from '../session/session.ts'
import { isOutage, ProblemAnswer } from '../terminal/errors.ts'
import { waitUntil } from '../terminal/wait-until.ts'
import { type Awaitable, judgeAwaited } from './judge-awaited.ts'

/** A machine that is waited for: by the operator's name for it, or as it was seen. */
export type Awaited = string | SeenEnrolment

/** End of the wait for one machine. `last`: the last look, if it was ever there. */
export interface Arrival {
  called: string
  outcome: 'came' | 'never comes' | 'late'
  last?: SeenEnrolment
  /** Reason why it never comes, if no look tells. */
  why?: string
}

export interface WaitFor {
  wanted: Awaitable
  /** Longest wait, in seconds. */
  timeout: number
  /** Called once for each machine that comes. */
  came?(machine: SeenEnrolment): void
}

interface Waiting extends Arrival {
  /** Known from the first look on. The name may mean another machine later. */
  id?: string
  isOver: boolean
}

/** Number of machines from which on one list is cheaper than a look at each. */
const manyToLookAt = 10

/**
 * Waits until each machine has come, or cannot come any more, or the time is over. A server that is away is no reason to end. Tells
 * what changes if there is a screen. A machine that has not enrolled yet is waited for, too.
 */
export const waitFor = async (
  machines: readonly Awaited[],
  { wanted, timeout, came = () => {} }: WaitFor,
  session: Session
): Promise<Arrival[]> => {
  const { terminal } = session
  const all = machines.map(waiting)
  const tell = teller(session)
  let took = 0
  const look = async (): Promise<true | undefined> => {
    const began = performance.now()
    const open = all.filter(({ isOver }) => !isOver)
    try {
      for (const [one, seen] of await lookAt(open, session)) settle(one, seen, wanted, { came, tell })
      tell.answered()
    } catch (error) {
      if (!isOutage(error)) throw error
      tell.away(error.message)
    }
    took = performance.now() - began
    return all.every(({ isOver }) => isOver) || undefined
  }
  await waitUntil(look, timeout * 1000, {
    monotonic: () => performance.now(),
    pause: (milliseconds) => terminal.pause(restAfter(took, milliseconds))
  })
  return all.map(({ id: _, isOver: __, ...arrival }) => arrival)
}

const waiting = (machine: Awaited): Waiting =>
  typeof machine === 'string'
    ? { called: machine, outcome: 'late', isOver: false }
    : { called: machine.name, outcome: 'late', isOver: false, id: machine.id, last: machine }

/** A look at each of them. Undefined for one that is not there. */
const lookAt = async (
  open: readonly Waiting[],
  { client }: Session
): Promise<[Waiting, SeenEnrolment | undefined][]> => {
  const looks: [Waiting, SeenEnrolment | undefined][] = []
  const known = open.filter(({ id }) => id !== undefined)
  const listed = new Map<string, SeenEnrolment>()
  if (known.length >= manyToLookAt) {
    const wanted = new Set(known.map(({ id }) => id))
    const take = (machine: SeenEnrolment): void => {
      if (wanted.has(machine.id)) listed.set(machine.id, machine)
    }
    await eachPage((page) => client.list(page), take)
  }
  for (const one of open) {
    const { id, called } = one
    const isListed = id !== undefined && known.length >= manyToLookAt
    looks.push([one, isListed ? listed.get(id) : await ifThere(() => client.show(id ?? called))])
  }
  return looks
}

const ifThere = async (show: () => Promise<SeenEnrolment>): Promise<SeenEnrolment | undefined> => {
  try {
    return await show()
  } catch (error) {
    if (error instanceof ProblemAnswer && error.code === 'not-found') return undefined
    throw error
  }
}

const settle = (
  one: Waiting,
  seen: SeenEnrolment | undefined,
  wanted: Awaitable,
  { came, tell }: { came: NonNullable<WaitFor['came']>; tell: Teller }
): void => {
  if (seen === undefined) {
    settleMissing(one, wanted, tell)
    return
  }
  one.id = seen.id
  one.last = seen
  tell.seen(seen)
  const coming = judgeAwaited(wanted, seen)
  if (coming === 'may come') return
  one.isOver = true
  one.outcome = coming === 'has come' ? 'came' : 'never comes'
  if (coming === 'has come') came(seen)
}

/** A machine that was never there may still enrol, if that is its name. One that was there is gone. */
const settleMissing = (one: Waiting, wanted: Awaitable, tell: Teller): void => {
  const { called, id } = one
  const isAwaited = wanted !== 'removed' && id === undefined && isNodeName(called)
  if (isAwaited) {
    tell.missing(called)
    return
  }
  one.isOver = true
  one.outcome = wanted === 'removed' ? 'came' : 'never comes'
  one.why = id === undefined ? `no enrolment has the name or id "${called}"` : 'its enrolment is gone'
}

interface Teller {
  seen(machine: SeenEnrolment): void
  missing(called: string): void
  away(why: string): void
  answered(): void
}

/** Tells on a screen what changes, each thing once. Without a screen it tells only of a server that is away. */
const teller = ({ terminal }: Session): Teller => {
  const told = new Map<string, string>()
  const once = (subject: string, text: string): void => {
    if (terminal.errColumns === undefined || told.get(subject) === text) return
    told.set(subject, text)
    terminal.err(`${escapeText(text)}\n`)
  }
  let isAway = false
  return {
    seen: ({ id, name, state, message }) => once(id, `${name} is ${state}: ${message}`),
    missing: (called) => once(called, `no machine has enrolled as ${called} yet`),
    away: (why) => {
      if (!isAway) terminal.err(`The pairing server does not answer: ${escapeText(why)}\n`)
      isAway = true
    },
    answered: () => {
      if (isAway) terminal.err('The pairing server answers again\n')
      isAway = false
    }
  }
}
