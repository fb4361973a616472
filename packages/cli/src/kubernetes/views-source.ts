import { statusOf, untilEnd } from '@joinery/kube'
import type { List } from '@joinery/protocol'
import type { Source, Told } from '../follow/following.ts'
import { type Polling, poll } from '../follow/poll.ts'
import type { SeenEnrolment } from '../operator-client.ts'
import type { DoorApi } from './door-api.ts'
import { apiVersion } from './objects.ts'

/** Seconds after which the API server ends a watch in good order. Shortly before, it says at which version the watch is. */
const watchSeconds = 25

/** Longest time in milliseconds without a word of a watch: a connection whose other end is gone says nothing for ever. */
const silence = (watchSeconds + 10) * 1000

interface Parts {
  api: DoorApi
  list(): Promise<List<SeenEnrolment> & { version?: string }>
  /** The API server's part of what is asked for. */
  fieldSelector: string | undefined
  /** The enrolment that an object shows. Undefined for an object that is not asked for. */
  show(object: object): SeenEnrolment | undefined
  pause: Polling<SeenEnrolment>['pause']
}

interface Seen {
  phase: string
  /** Absent when the API server has taken the watch (`OPENED`). */
  object?: { metadata?: { name?: string; resourceVersion?: string } }
}

/** Follows the views of the enrolments by a watch of the API server. Who may only list looks again and again. */
export const viewsSource = ({ api, list, fieldSelector, show, pause }: Parts): Source<SeenEnrolment> => {
  let version: string | undefined
  return (signal) => tell(signal)

  async function* tell(signal: AbortSignal): AsyncGenerator<Told<SeenEnrolment>> {
    while (!signal.aborted) {
      if (version === undefined) {
        const listed = await list()
        yield { type: 'whole', items: listed.items }
        version = listed.version
      }
      try {
        yield* watch(version, signal)
      } catch (error) {
        const status = statusOf(error)
        if (status === 403) return yield* poll({ list: async () => (await list()).items, pause }, signal)
        // the API server has forgotten the version
        if (status !== 410) throw await api.call(() => Promise.reject(error)).catch((explained) => explained)
        version = undefined
      }
    }
  }

  async function* watch(from: string | undefined, signal: AbortSignal): AsyncGenerator<Told<SeenEnrolment>> {
    for await (const { phase, object } of seenBy(api, { fieldSelector, resourceVersion: from }, signal)) {
      const { name: id, resourceVersion } = object?.metadata ?? {}
      const item = object !== undefined && (phase === 'ADDED' || phase === 'MODIFIED') ? show(object) : undefined
      // after a cut this says that it goes on
      if (phase === 'OPENED') yield { type: 'changed', items: [], gone: [] }
      else if (item !== undefined) yield { type: 'changed', items: [item], gone: [] }
      else if (phase !== 'BOOKMARK' && id !== undefined) yield { type: 'changed', items: [], gone: [id] }
      version = resourceVersion ?? version
    }
  }
}

/** Gives each event of one watch. */
const seenBy = (
  api: DoorApi,
  from: { fieldSelector: string | undefined; resourceVersion: string | undefined },
  signal: AbortSignal
): ReadableStream<Seen> => {
  const left = new AbortController()
  const query = { ...from, allowWatchBookmarks: true, timeoutSeconds: watchSeconds }
  const path = `/apis/${apiVersion}/enrolments`
  return new ReadableStream({
    start: (controller) => {
      const tell = (phase: string, object: NonNullable<Seen['object']>): void => controller.enqueue({ phase, object })
      const opened = (): void => controller.enqueue({ phase: 'OPENED' })
      const ends = { signal: AbortSignal.any([signal, left.signal]), silence, opened }
      api
        .watch((connection) => untilEnd(connection, path, query, tell, ends))
        .then(
          () => controller.close(),
          (error) => controller.error(error)
        )
    },
    cancel: () => left.abort()
  })
}
