import { escapeText, isNodeName } from '@joinery/protocol'
import type { Change, Following } from '../follow/following.ts'
import { usualInterval } from '../follow/rest-after.ts'
import type { SeenEnrolment } from '../operator-client.ts'
import type { Session } from '../session/session.ts'
import { isOutage, ProblemAnswer } from '../terminal/errors.ts'
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

/** Longest time in milliseconds between two looks. Every change is told, and a look costs little. */
const longestRest = 30_000

/**
 * Waits until each machine has come, or cannot come any more, or the time is over. A server that is away is no reason to end. Tells
 * what changes if there is a screen. A machine that has not enrolled yet is waited for, too.
 */
export const waitFor = async (
  machines: readonly Awaited[],
  { wanted, timeout, came = () => {} }: WaitFor,
  session: Session
): Promise<Arrival[]> => {
  if (machines.length === 0) return []
  const { client, terminal } = session
  const all = machines.map(waiting)
  const tell = teller(session)
  const isListed = all.filter(({ id }) => id !== undefined).length >= manyToLookAt
  const following = await client.follow({}, { fromNow: !isListed })
  const news = newsOf(following, all, terminal)
  const look = async (some: readonly Waiting[]): Promise<void> => {
    try {
      await news.begun()
      const open = some.filter(({ isOver }) => !isOver)
      for (const [one, seen] of await lookAt(open, isListed ? following : undefined, session))
        settle(one, seen, wanted, { came, tell })
      tell.answered()
    } catch (error) {
      if (!isOutage(error)) throw error
      tell.away(error.message)
    }
  }
  const began = performance.now()
  try {
    await look(all)
    for (let rested = 0; !all.every(({ isOver }) => isOver); ) {
      // looks take time too
      const left = timeout * 1000 - Math.max(rested, performance.now() - began)
      if (left <= 0) break
      const rest = Math.min(left, longestRest)
      await look(await news.next(rest))
      rested += rest
    }
  } finally {
    following.close()
  }
  return all.map(({ id: _, isOver: __, ...arrival }) => arrival)
}

const waiting = (machine: Awaited): Waiting =>
  typeof machine === 'string'
    ? { called: machine, outcome: 'late', isOver: false }
    : { called: machine.name, outcome: 'late', isOver: false, id: machine.id, last: machine }

/** News about machines that are waited for: each is a reason for a look. */
const newsOf = (following: Following<SeenEnrolment>, all: readonly Waiting[], terminal: Session['terminal']) => {
  let told: Promise<readonly Waiting[]> | undefined
  let hasBegun = false
  const tell = async (): Promise<readonly Waiting[]> => {
    for (;;) {
      const change = await following.next()
      if (!hasBegun) {
        hasBegun = true
        return all
      }
      const about = aboutWhom(change, all)
      if (about.length > 0) return about
    }
  }
  const nextTold = (): Promise<readonly Waiting[]> => {
    told ??= tell().finally(() => {
      told = undefined
    })
    return told
  }
  return {
    /** Resolves once every later change is told. */
    begun: async (): Promise<void> => {
      if (!hasBegun) await nextTold()
    },
    /** Waits for news, for at most so many milliseconds. Gives the machines to look at. */
    next: async (milliseconds: number): Promise<readonly Waiting[]> => {
      const over = new AbortController()
      const news = nextTold().catch(async (error) => {
        // the next look says what is wrong
        if (!isOutage(error)) throw error
        await terminal.pause(usualInterval, over.signal)
        return all
      })
      const about = await Promise.race([news, terminal.pause(milliseconds, over.signal)])
      over.abort()
      return about ?? all
    }
  }
}

/** The machines that a change is about. A change of none says that what came before it may have been missed. */
const aboutWhom = ({ changed, gone }: Change<SeenEnrolment>, all: readonly Waiting[]): readonly Waiting[] => {
  if (changed.length + gone.length === 0) return all
  const [ids, names] = [new Set([...changed.map(({ id }) => id), ...gone]), new Set(changed.map(({ name }) => name))]
  return all.filter(({ id, called }) => (id === undefined ? names.has(called) : ids.has(id)))
}

/** A look at each of them. Undefined for one that is not there. */
const lookAt = async (
  open: readonly Waiting[],
  following: Following<SeenEnrolment> | undefined,
  { client }: Session
): Promise<[Waiting, SeenEnrolment | undefined][]> => {
  const looks: [Waiting, SeenEnrolment | undefined][] = []
  for (const one of open) {
    const { id, called } = one
    const seen =
      id === undefined || following === undefined ? await ifThere(() => client.show(id ?? called)) : following.get(id)
    looks.push([one, seen])
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
