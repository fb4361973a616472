import type { Change, Objects } from '../objects/objects.ts'
import { badRequest, textOf } from '../objects/refused.ts'
import type { Lines } from './message.ts'
import { type Selection, versionOf } from './shown.ts'

/** Milliseconds between two bookmarks. */
const bookmarkPause = 60_000

/** Longest watch in milliseconds, if the client names none (min-request-timeout of the API server, and half of it more). */
const watchAtMost = 45 * 60_000

/** Watches of one API server. */
export class Watches {
  readonly #objects: Objects
  readonly #open = new Set<{ end(error?: Error): void }>()
  #silent = false

  constructor(objects: Objects) {
    this.#objects = objects
  }

  /** Opens a watch. It tells changes after the resource version that the client names, or begins with every object. */
  open(question: Selection): Lines {
    const since = question.query.get('resourceVersion') ?? ''
    if (!/^\d*$/.test(since)) throw badRequest(`Invalid value: "${since}": a resource version is a number`)
    return { read: (line, ended) => this.#follow(question, Number(since), line, ended) }
  }

  /** Makes all watches say nothing from now on, as if their connections had died without a word. */
  silence(): void {
    this.#silent = true
  }

  /** Ends all watches that are open. With an error their connections break. */
  end(error?: Error): void {
    for (const watch of [...this.#open]) watch.end(error)
  }

  #follow(
    question: Selection,
    since: number,
    line: (text: string) => void,
    ended: (error?: Error) => void
  ): () => void {
    const { kind, namespace, query, selects, show } = question
    const resource = textOf(kind)
    const tell = (type: string, object: object): void => {
      if (!this.#silent) line(`${JSON.stringify({ type, object })}\n`)
    }
    // a client that reads later than the watch was opened has missed nothing
    let told = since
    const take = ({ type, resource: changed, object, before, revision }: Change): void => {
      told = revision
      if (changed !== resource || (namespace !== undefined && object.metadata.namespace !== namespace)) return
      const was = before !== undefined && selects(before)
      const is = type !== 'DELETED' && selects(object)
      if (was && is) tell('MODIFIED', show(object))
      else if (is) tell('ADDED', show(object))
      // an object that leaves the selection is deleted for this watch
      else if (was)
        tell('DELETED', show({ ...before, metadata: { ...before.metadata, resourceVersion: String(revision) } }))
    }
    if (since === 0) {
      for (const object of this.#objects.list(kind, namespace).filter(selects)) tell('ADDED', show(object))
      told = this.#objects.revision
    } else {
      const missed = this.#objects.changesAfter(since)
      if (missed === undefined) {
        tell('ERROR', expired(since, this.#objects.revision))
        ended()
        return () => {}
      }
      for (const change of missed) take(change)
    }
    const end = (error?: Error): void => {
      this.#open.delete(watch)
      for (const timer of timers) clearTimeout(timer)
      unfollow()
      ended(error)
    }
    const watch = { end }
    const unfollow = this.#objects.follow(take)
    const bookmark = (): void => {
      const metadata = { resourceVersion: String(Math.max(told, this.#objects.revision)), creationTimestamp: null }
      tell('BOOKMARK', { kind: kind.kind, apiVersion: versionOf(kind), metadata })
    }
    const seconds = Number(query.get('timeoutSeconds') ?? 0)
    const timers = [setTimeout(end, seconds > 0 ? seconds * 1000 : watchAtMost).unref()]
    if (query.get('allowWatchBookmarks') === 'true') timers.push(setInterval(bookmark, bookmarkPause).unref())
    this.#open.add(watch)
    return () => {
      this.#open.delete(watch)
      for (const timer of timers) clearTimeout(timer)
      unfollow()
    }
  }
}

const expired = (asked: number, now: number): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: `too old resource version: ${asked} (${now})`,
  reason: 'Expired',
  code: 410
})
