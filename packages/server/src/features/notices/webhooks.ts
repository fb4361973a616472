import {
  deadShown,
  noticeKinds,
  ProblemError,
  type Webhook,
  type WebhookCounts,
  type WebhookRequest,
  type WebhookResent,
  type WebhookTest
} from '@joinery/protocol'
import { noticeTypes } from '@joinery/protocol/notices'
import { Nap } from '../../core/base/nap.ts'
import type { Store } from '../../core/ports/store/store.ts'
import { Deliveries, type DeliveryParts, idle } from './deliveries.ts'
import { EntryReader } from './entry-reader.ts'
import { keepTurning } from './keep-turning.ts'
import { makeNotices } from './make-notices.ts'
import { testBody } from './notice-of.ts'
import type { Receiver } from './receiver.ts'
import { forgetOthers, isGone, receiverState } from './receiver-state.ts'

type Parts = DeliveryParts & { store: Store; receivers: readonly Receiver[] }

/**
 * Sends notices of what happens to receivers. The timelines are the queue: an event is durable with its own commit, each receiver
 * has a place up to which it has read them, and notices that wait are documents. One loop for each receiver reads, and tries one
 * notice at a time, so a slow receiver holds up nobody but itself.
 */
export class Webhooks {
  readonly #parts: Parts
  readonly #naps = new Map<string, Nap>()
  readonly #deliveries: Deliveries

  constructor(parts: Parts) {
    this.#parts = parts
    this.#deliveries = new Deliveries(parts)
    for (const { name } of parts.receivers) this.#naps.set(name, new Nap())
  }

  /** Serves the receivers until `signal`. Resolves when no try is under way any more. */
  async start(signal: AbortSignal): Promise<void> {
    const { receivers, budget, log } = this.#parts
    const names = receivers.map(({ name }) => name)
    await forgetOthers(this.#parts, names).catch((error) =>
      log.warn({ err: error }, 'old receivers of notices are not forgotten yet')
    )
    await Promise.all(
      receivers.map((receiver) => {
        const turn = this.#turnsOf(receiver)
        const nap = this.#naps.get(receiver.name) as Nap
        return keepTurning({ ...budget, turn, nap, name: receiver.name, log }, signal)
      })
    )
  }

  /** Says that the timelines have something new. */
  nudge(): void {
    for (const nap of this.#naps.values()) nap.wake()
  }

  /** Counts of each receiver. Metrics and the status count by this. */
  counts(): Promise<WebhookCounts[]> {
    return Promise.all(this.#parts.receivers.map((receiver) => this.#countsOf(receiver)))
  }

  async list(): Promise<{ items: Webhook[] }> {
    const items = await Promise.all(
      this.#parts.receivers.map(async (receiver) => {
        const dead = await this.#parts.queue.dead(receiver.name)
        return {
          ...(await this.#countsOf(receiver)),
          receiver: receiver.url.origin,
          events: noticeKinds.filter((kind) => receiver.kinds.has(kind)),
          notDelivered: dead.slice(0, deadShown).map(({ id, kind, since, tries, failure = '', count }) => ({
            id,
            type: count === undefined ? noticeTypes[kind as keyof typeof noticeTypes] : 'notices.collapsed',
            since,
            tries,
            reason: failure
          }))
        }
      })
    )
    return { items }
  }

  /** Sends a sample to one receiver, or to each, past the queue. Throws `not-found`. */
  async test({ name }: WebhookRequest): Promise<{ items: WebhookTest[] }> {
    const { clock, random } = this.#parts
    const items = await Promise.all(
      this.#named(name).map(async (receiver) => {
        const id = `msg_${Buffer.from(random.bytes(20)).toString('hex')}`
        const tried = await this.#deliveries.send(
          receiver,
          id,
          testBody(receiver.name, clock.now()),
          new AbortController().signal
        )
        return {
          name: receiver.name,
          delivered: tried.delivered,
          detail: tried.delivered ? 'took the sample' : tried.reason
        }
      })
    )
    return { items }
  }

  /** Lets what one receiver, or any, did not take wait again, and ends its pause. Throws `not-found`. */
  async resend({ name }: WebhookRequest): Promise<{ items: WebhookResent[] }> {
    const items = await Promise.all(
      this.#named(name).map(async (receiver) => ({ name: receiver.name, count: await this.#resend(receiver) }))
    )
    this.nudge()
    return { items }
  }

  #named(name: string | undefined): readonly Receiver[] {
    const { receivers } = this.#parts
    const found = receivers.filter((receiver) => name === undefined || receiver.name === name)
    if (name !== undefined && found.length === 0) {
      throw new ProblemError('not-found', { detail: 'no webhook has this name', remedy: 'joinery webhook list' })
    }
    return found
  }

  /** Gives the turn of a receiver: it reads a page, tries one notice, and returns milliseconds until there is something to do. */
  #turnsOf(receiver: Receiver): (signal: AbortSignal) => Promise<number> {
    const reader = new EntryReader(receiver.name, this.#parts)
    const take = makeNotices(this.#parts, receiver)
    return async (signal) => {
      const read = await reader.readOn(take)
      if (signal.aborted) return idle
      const wait = await this.#deliveries.tryNext(receiver, signal)
      return read === 'more' ? 0 : Math.min(wait, idle)
    }
  }

  async #resend({ name }: Receiver): Promise<number> {
    const { queue, commits, clock } = this.#parts
    for (;;) {
      const { failing: _failing, gone: _gone, ...state } = await receiverState(this.#parts, name)
      const at = clock.now().toISOString()
      const dead = (await queue.dead(name)).reverse()
      const notices = dead.map(({ dead: _, failure: __, ...one }) => ({ ...one, since: at, due: at, tries: 0 }))
      const result = await commits.append({ queue: { receivers: [state], notices } })
      if (result === 'committed') return notices.length
    }
  }

  async #countsOf({ name, url }: Receiver): Promise<WebhookCounts> {
    const { queue } = this.#parts
    const [state, waiting, dead] = await Promise.all([queue.receiver(name), queue.waiting(name), queue.dead(name)])
    const { failing, lost = 0 } = state ?? {}
    return {
      name,
      waiting: Object.values(waiting).reduce((sum, count) => sum + count, 0),
      sent: this.#deliveries.sent(name),
      dead: dead.length,
      lost,
      ...(failing !== undefined && {
        failing: { since: failing.since, times: failing.times, reason: failing.reason }
      }),
      ...(state?.gone !== undefined && isGone(state, url) && { gone: state.gone.at })
    }
  }
}

/** One sentence with a command for each receiver of notices that needs a person. */
export const webhookRemedies = (webhooks: readonly WebhookCounts[]): string[] =>
  webhooks.flatMap(({ name, dead, lost, gone, failing }) => {
    if (gone !== undefined) {
      return [
        `The webhook ${name} answered 410 at ${gone}, and gets nothing since; if it wants notices again: joinery webhook resend ${name}`
      ]
    }
    if (dead === 0) return []
    const more = lost > 0 ? `, and ${lost} are lost` : ''
    const why = failing === undefined ? '' : ` (${failing.reason})`
    return [
      `The webhook ${name} did not take ${dead} notices${more}${why}; see why: joinery webhook list; then: joinery webhook resend ${name}`
    ]
  })
