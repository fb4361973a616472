import { batch, signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { SeenEnrolmentDetail } from '../../contract.ts'
import { needsLook } from '../model/changed.ts'
import { listen } from './link.ts'
import { client, type Words, wordsOf } from './session.ts'

/**
 * One machine on the page. `seen` is the look that the operator has had, and what a decision covers. `fresh` is the machine as it is
 * now. Both are the same, unless the machine changed under the operator's eyes.
 */
export class LiveDetail {
  readonly seen = signal<SeenEnrolmentDetail | undefined>(undefined)
  readonly fresh = signal<SeenEnrolmentDetail | undefined>(undefined)
  readonly trouble = signal<Words | undefined>(undefined)
  readonly id: string
  private timer: ReturnType<typeof setTimeout> | undefined
  private over = false

  constructor(id: string) {
    this.id = id
  }

  start(): () => void {
    this.over = false
    void this.read()
    const leave = listen({
      changed: ({ rows, gone }) => {
        if (gone.includes(this.id) || rows.some(({ id }) => id === this.id)) this.soon()
      },
      look: () => this.soon()
    })
    return () => {
      this.over = true
      clearTimeout(this.timer)
      leave()
    }
  }

  /** Reads it again in a moment: a machine that joins changes several times a second. */
  private soon(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.read(), 150)
  }

  async read(): Promise<void> {
    try {
      const now = await client.show(this.id)
      if (!this.over) this.take(now)
    } catch (error) {
      if (!this.over) this.trouble.value = wordsOf(error)
    }
  }

  /** Takes a newer state of the machine. A decision about the old one is refused, so the operator has to look again. */
  take(now: SeenEnrolmentDetail): void {
    batch(() => {
      this.trouble.value = undefined
      this.fresh.value = now
      const seen = this.seen.peek()
      if (seen === undefined || !needsLook(seen, now)) this.seen.value = now
    })
  }

  /** Says that the operator has looked at what is new. */
  looked(): void {
    this.seen.value = this.fresh.peek()
  }
}

/** The details of a machine, live while the component is there. */
export const useDetail = (id: string): LiveDetail => {
  const detail = useMemo(() => new LiveDetail(id), [id])
  useEffect(() => detail.start(), [detail])
  return detail
}
