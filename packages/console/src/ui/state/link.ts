import { signal } from '@preact/signals'
import { type ConsoleEvent, type Counts, changesPath } from '../../contract.ts'
import { together } from '../model/rows.ts'
import { client, readSession } from './session.ts'

type Changed = Extract<ConsoleEvent, { type: 'changed' }>
type Problem = Extract<ConsoleEvent, { type: 'away' }>['problem']

/**
 * The ways in which the page hears of changes, or does not.
 * - connecting: the first answer has not come
 * - live: what the page shows is as it is
 * - away: the pairing server does not answer the console
 * - lost: the console itself does not answer, and the browser tries again
 * - ended: the console ended; only a new one brings the page back
 */
export type Link =
  | { state: 'connecting' }
  | { state: 'live' }
  | { state: 'lost'; since: string }
  | { state: 'away'; since: string; problem: Problem }
  | { state: 'ended'; reason: string }

export const link = signal<Link>({ state: 'connecting' })
export const counts = signal<Counts | undefined>(undefined)

interface Listener {
  changed?(event: Pick<Changed, 'look' | 'rows' | 'gone'>): void
  look?(): void
}
const listeners = new Set<Listener>()

/** Calls the listener at each change, at most once a frame, until the returned function is called. */
export const listen = (listener: Listener): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

let waiting: Changed[] = []
let planned = false

/** A hidden page has no frames. It is up to date all the same, at its leisure. */
const atNextFrame = (act: () => void): void => {
  if (document.hidden) setTimeout(act, 1000)
  else requestAnimationFrame(act)
}

const flush = (): void => {
  planned = false
  const events = waiting
  waiting = []
  const last = events.at(-1)
  if (last === undefined) return
  counts.value = last.counts
  const event = together(events)
  for (const listener of listeners) listener.changed?.(event)
}

const taken = (event: ConsoleEvent, source: EventSource): void => {
  // a request is lost with a network that changes: whoever could not say at first what the operator may do may say it now
  readSession().catch(() => {})
  switch (event.type) {
    case 'changed':
      waiting.push(event)
      if (!planned) atNextFrame(flush)
      planned = true
      return
    case 'look':
      link.value = { state: 'live' }
      void count()
      for (const listener of listeners) listener.look?.()
      return
    case 'back':
      link.value = { state: 'live' }
      return
    case 'away':
      link.value = { state: 'away', since: event.since, problem: event.problem }
      return
    case 'end':
      source.close()
      link.value = { state: 'ended', reason: event.reason }
      return
    default:
      // an event of a newer console
      return
  }
}

/** Asks for the numbers of all machines, which each list and each event brings as well. */
const count = async (): Promise<void> => {
  try {
    counts.value = (await client.list({ limit: '1' })).counts
  } catch {
    // the list of the page says it
  }
}

/** Milliseconds until the page asks again after a refusal. */
const afterRefusal = 5000

/** Opens the stream of changes. The browser opens it again by itself, and the console then asks for a whole look. */
export const openStream = (): EventSource => {
  const source = new EventSource(changesPath)
  source.onmessage = ({ data }) => taken(JSON.parse(String(data)) as ConsoleEvent, source)
  source.onerror = () => {
    if (link.value.state === 'ended') return
    if (link.value.state !== 'lost') link.value = { state: 'lost', since: new Date().toISOString() }
    // after a refusal the browser does not try again by itself
    if (source.readyState === EventSource.CLOSED) setTimeout(openStream, afterRefusal)
  }
  return source
}
