import { isDeepStrictEqual } from 'node:util'
import { escapeText, minute, type PrefetchImage, second } from '@joinery/protocol'
import type { Joining } from '../machine/port/joining.ts'
import type { Looking } from '../machine/port/looking.ts'
import type { Clock } from '../program/clock.ts'
import type { Logger } from '../program/log.ts'
import { decidePull, type Failed, failuresAtMost, hasRoom, pauseAfterFailure, withoutRoom } from './decide-pull.ts'
import type { Order } from './order.ts'

export interface PrefetchParts {
  looking: Pick<Looking, 'hasImage' | 'imageSpace'>
  joining: Pick<Joining, 'pullImage'>
  clock: Clock
  log: Logger
}

/** Number of the images that are wanted, of those that are here, and of those that are left to the kubelet. */
export interface Progress {
  here: number
  of: number
  left: number
}

/** Milliseconds between two looks at the disk during a pull. Nobody knows how large an image really is. */
const lookAgain = 5 * second

/**
 * Pulls images while the agent waits, one at a time, beside everything else that the agent does. Nothing waits for it, and nothing that
 * goes wrong here is more than a line in the log.
 */
export class Prefetch {
  readonly #parts: PrefetchParts
  #images: readonly PrefetchImage[] = []
  readonly #here = new Set<string>()
  readonly #failed = new Map<string, Failed>()
  /** The images that the disk has no room for. */
  readonly #passedOver = new Set<string>()
  /** The pull that runs. */
  #pull: AbortController | undefined
  /** Ends the pause between two pulls. */
  #pause = new AbortController()
  #busy = false
  #tell: (() => void) | undefined

  constructor(parts: PrefetchParts) {
    this.#parts = parts
  }

  /** Does from now on what the order says. Costs the caller nothing, and is safe to call again. */
  follow(order: Order): void {
    const images = order.do === 'pull' ? order.images : []
    if (!isDeepStrictEqual(images, this.#images)) {
      this.#images = images
      if (images.length > 0) this.#forgetOthers()
      this.#pause.abort()
    }
    if (order.do === 'stop') this.#pull?.abort()
    if (images.length > 0 && !this.#busy) void this.#work()
  }

  /** Progress of the images that are wanted. Undefined if none is. */
  get progress(): Progress | undefined {
    const of = this.#images.length
    if (of === 0) return undefined
    const count = (is: (image: string) => boolean) => this.#images.filter(({ image }) => is(image)).length
    return { here: count((image) => this.#here.has(image)), of, left: count((image) => this.#isLeft(image)) }
  }

  #isLeft(image: string): boolean {
    const failures = this.#failed.get(image)?.count ?? 0
    return !this.#here.has(image) && (this.#passedOver.has(image) || failures >= failuresAtMost)
  }

  /** Waits for `work`, and calls `tell` meanwhile when there is progress. */
  async telling(tell: () => void, work: () => Promise<void>): Promise<void> {
    this.#tell = tell
    try {
      await work()
    } finally {
      this.#tell = undefined
    }
  }

  /** Forgets what is known of images that are not wanted any more: a server may name new ones for ever. */
  #forgetOthers(): void {
    const wanted = new Set(this.#images.map(({ image }) => image))
    for (const known of [this.#here, this.#failed, this.#passedOver]) {
      for (const image of known.keys()) if (!wanted.has(image)) known.delete(image)
    }
  }

  async #work(): Promise<void> {
    this.#busy = true
    try {
      await this.#look()
      while (await this.#next());
    } finally {
      this.#busy = false
    }
  }

  /** Looks which of the images are here already. */
  async #look(): Promise<void> {
    for (const { image } of this.#images) {
      // a runtime that does not answer has nothing: the pull says why
      if (!this.#here.has(image) && (await this.#parts.looking.hasImage(image).catch(() => false)))
        this.#here.add(image)
    }
    this.#tell?.()
  }

  /** Pulls the next image, or waits until one may be tried again. False if nothing is left to do. */
  async #next(): Promise<boolean> {
    const { clock, looking } = this.#parts
    const space = await looking.imageSpace().catch(() => undefined)
    const state = { images: this.#images, here: this.#here, failed: this.#failed }
    const pulls = { ...state, space, now: clock.monotonic() }
    const next = decidePull(pulls)
    this.#passOver(withoutRoom(pulls), space === undefined ? unknownDisk : fullDisk)
    if (next === 'done') return false
    if ('pull' in next) await this.#pullOne(next.pull)
    else await this.#sleep(next.wait)
    return true
  }

  /** Says of each image once why nothing is pulled for it. */
  #passOver(images: readonly PrefetchImage[], why: string): void {
    const fresh = images.filter(({ image }) => !this.#passedOver.has(image))
    this.#passedOver.clear()
    for (const { image } of images) this.#passedOver.add(image)
    for (const { image, bytes } of fresh) {
      this.#parts.log.info({ image, bytes }, `an image was not pulled before the approval: ${why}; ${toKubelet}`)
    }
    if (fresh.length > 0) this.#tell?.()
  }

  async #sleep(milliseconds: number): Promise<void> {
    this.#pause = new AbortController()
    await this.#parts.clock.sleep(milliseconds, this.#pause.signal)
  }

  async #pullOne({ image }: PrefetchImage): Promise<void> {
    const { joining, log } = this.#parts
    const pull = new AbortController()
    const over = new AbortController()
    this.#pull = pull
    try {
      const watched = this.#watchDisk(pull, over.signal)
      await joining.pullImage(image, pull.signal).finally(() => over.abort())
      await watched
      this.#here.add(image)
      log.info({ image }, 'pulled an image that the nodes of this cluster run')
      this.#tell?.()
    } catch (error) {
      this.#note(image, error, pull.signal)
    } finally {
      this.#pull = undefined
    }
  }

  /** Gives up the pull if the disk fills, until `over`. */
  async #watchDisk(pull: AbortController, over: AbortSignal): Promise<void> {
    const { clock, looking } = this.#parts
    for (;;) {
      await clock.sleep(lookAgain, over)
      if (over.aborted) return
      const space = await looking.imageSpace().catch(() => undefined)
      if (!hasRoom(space, 0)) return pull.abort(fullDisk)
    }
  }

  /** Takes note of a failure. A pull that an order ended has not failed. */
  #note(image: string, error: unknown, { aborted, reason }: AbortSignal): void {
    if (aborted && reason !== fullDisk) return
    const { clock, log } = this.#parts
    const count = aborted ? failuresAtMost : (this.#failed.get(image)?.count ?? 0) + 1
    const pause = pauseAfterFailure(count, clock.random())
    this.#failed.set(image, { count, next: clock.monotonic() + pause })
    const why = aborted ? fullDisk : escapeText(error instanceof Error ? error.message : String(error)).slice(0, 512)
    const again = count < failuresAtMost ? `tried again in ${Math.ceil(pause / minute)} min` : toKubelet
    log.info({ image, failures: count }, `an image was not pulled before the approval: ${why}; ${again}`)
    if (count >= failuresAtMost) this.#tell?.()
  }
}

const fullDisk = 'the disk would be too full'
const unknownDisk = 'nobody knows how full the disk is'
const toKubelet = 'left to the kubelet'
