import { given } from '@joinery/protocol/given'
import type { Budgets } from '../../core/base/budgets.ts'
import type { Clock } from '../../core/base/clock.ts'
import type { Logger } from '../../core/base/log.ts'
import type { Random } from '../../core/base/random.ts'
import type { Commits } from '../../core/commit/commits.ts'
import type { NoticeDocument, NoticeQueue, QueueChange, ReceiverDocument } from '../../core/ports/store/notice-queue.ts'
import { decideTry, judgeAnswer, type Tried } from './decide-try.ts'
import type { Receiver } from './receiver.ts'
import { hashOf, isGone, receiverState } from './receiver-state.ts'
import { until } from './retry.ts'
import type { Send } from './send.ts'
import { signedHeaders } from './sign.ts'

export interface DeliveryParts {
  queue: NoticeQueue
  commits: Pick<Commits, 'append'>
  clock: Clock
  random: Random
  log: Logger
  send: Send
  budget: Budgets['notices']
}

/** Longest sleep of a receiver's loop, in milliseconds: a commit ends it. */
export const idle = 60_000

/**
 * Tries notices, and writes what came of it. A notice leaves the queue after its receiver took it: a crash in between sends it
 * again, with the same id.
 */
export class Deliveries {
  readonly #parts: DeliveryParts
  /** Notices that were delivered since the start, by receiver. */
  readonly #sent = new Map<string, number>()

  constructor(parts: DeliveryParts) {
    this.#parts = parts
  }

  /** Number of notices that the receiver took since the start. */
  sent(name: string): number {
    return this.#sent.get(name) ?? 0
  }

  /** Tries the notice that is due, if there is one. Returns milliseconds until there is something to do. */
  async tryNext(receiver: Receiver, signal: AbortSignal): Promise<number> {
    const { queue, clock, random } = this.#parts
    const { name, url } = receiver
    const state = await receiverState(this.#parts, name)
    if (isGone(state, url)) return idle
    const rest = state.failing === undefined ? 0 : until(state.failing.until, clock.now())
    if (rest > 0) return rest
    const notice = await queue.next(name)
    const wait = notice === undefined ? idle : until(notice.due, clock.now())
    if (notice === undefined || wait > 0) return wait
    const tried = await this.send(receiver, notice.id, notice.body, signal)
    // what is under way when the server ends is tried again by the next one
    if (signal.aborted) return idle
    const change = decideTry({
      receiver: await receiverState(this.#parts, name),
      notice,
      tried,
      now: clock.now(),
      random: Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32,
      url: hashOf(url)
    })
    if ((await this.#commit(change, !tried.delivered && tried.gone === true)) && tried.delivered)
      this.#sent.set(name, this.sent(name) + 1)
    this.#say(state, change, tried)
    return 0
  }

  /**
   * Writes what came of a try. If the receiver is gone, nothing waits for it any more. What is given up beyond what is kept makes
   * room. Returns whether it was written.
   */
  async #commit(change: QueueChange, isGone: boolean): Promise<boolean> {
    const { queue, commits, budget } = this.#parts
    const [receiver] = change.receivers ?? []
    if (receiver === undefined || !change.notices?.some(({ dead }) => dead !== undefined)) {
      return (await commits.append({ queue: change })) === 'committed'
    }
    const tried = change.notices
    const others = isGone ? await queue.allWaiting(receiver.name) : []
    const at = receiver.gone?.at
    const ended = others
      .filter(({ id }) => !tried.some((one) => one.id === id))
      .map((one) => ({ ...one, dead: at ?? '', failure: 'the receiver wants nothing more' }))
    const dead = [...(await queue.dead(receiver.name)).reverse(), ...tried, ...ended]
    const over = dead.slice(0, Math.max(0, dead.length - budget.kept))
    const isOver = ({ id }: NoticeDocument): boolean => over.some((one) => one.id === id)
    const lost = (receiver.lost ?? 0) + over.length
    return (
      (await commits.append({
        queue: {
          receivers: [{ ...receiver, ...(lost > 0 && { lost }) }],
          notices: [...tried, ...ended].filter((one) => !isOver(one)),
          sent: over.filter(({ revision }) => revision > 0)
        }
      })) === 'committed'
    )
  }

  /** Logs the first failure of a receiver, its end, and each notice that is given up: never each try. */
  #say({ name, failing }: ReceiverDocument, { notices = [] }: QueueChange, tried: Tried): void {
    const { log } = this.#parts
    if (tried.delivered) {
      if (failing !== undefined) log.info({ webhook: name }, 'the receiver takes notices again')
      return
    }
    const { reason, gone = false } = tried
    if (gone)
      log.warn({ webhook: name, reason }, 'the receiver wants no more notices: joinery webhook resend begins again')
    else if (failing === undefined) log.warn({ webhook: name, reason }, 'the receiver did not take a notice')
    for (const { id, dead, tries } of gone ? [] : notices) {
      if (dead !== undefined) log.warn({ webhook: name, notice: id, tries, reason }, 'gave a notice up')
    }
  }

  /** Sends one notice, signed for this try. */
  async send(
    { url, secrets, certificateAuthority, onlyHere }: Receiver,
    id: string,
    body: string,
    signal: AbortSignal
  ): Promise<Tried> {
    const { send, clock, budget } = this.#parts
    const headers = { 'content-type': 'application/json', ...signedHeaders(id, body, secrets, clock.now()) }
    const outgoing = { url, headers, body, onlyHere, timeout: budget.timeout, ...given({ certificateAuthority }) }
    return judgeAnswer(await send(outgoing, signal))
  }
}
