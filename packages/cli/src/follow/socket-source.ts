import type { Changed, Enrolment, EventName } from '@joinery/protocol'
import { exitCodes, NoAnswer, ProblemAnswer } from '../terminal/errors.ts'
import type { Source, Told } from './following.ts'
import { type Polling, poll } from './poll.ts'

/** An event of the server. */
export interface ServerEvent {
  name: string
  id?: string | undefined
  data: string
}

interface Parts extends Polling<Enrolment> {
  /** Opens the stream of events after the one with this id. Throws a refusal as `ProblemAnswer`. */
  open(after: string | undefined, signal: AbortSignal): Promise<AsyncIterable<ServerEvent>>
}

/** Follows the events of the pairing server. */
export const socketSource = (parts: Parts): Source<Enrolment> => {
  let place: string | undefined
  return (signal) => tell(signal)

  async function* tell(signal: AbortSignal): AsyncGenerator<Told<Enrolment>> {
    const after = place
    const events = await parts.open(after, signal).catch((error) => {
      if (isRefused(error)) return undefined
      throw error
    })
    if (events === undefined) return yield* poll(parts, signal)
    for await (const { name, id, data } of events) {
      const told = await toldBy(name as EventName, data, after)
      // a list that could not be read is asked for again
      if (id !== undefined) place = id
      if (told !== undefined) yield told
    }
    throw new NoAnswer(exitCodes.failure, 'the pairing server ended the stream of changes')
  }

  async function toldBy(
    name: EventName,
    data: string,
    after: string | undefined
  ): Promise<Told<Enrolment> | undefined> {
    if (name === 'changed') {
      const { enrolments, gone } = JSON.parse(data) as Changed
      return { type: 'changed', items: enrolments, gone }
    }
    // what changes from here on is told, so the list is asked for after it
    if (name === 'reset' || (name === 'begin' && after === undefined))
      return { type: 'whole', items: await parts.list() }
    return name === 'begin' ? { type: 'changed', items: [], gone: [] } : undefined
  }
}

/** True for the answer of a server that has no events, or none for one more. */
const isRefused = (error: unknown): boolean =>
  error instanceof ProblemAnswer && (error.code === 'not-found' || error.code === 'too-many-requests')
