import { batch, signal } from '@preact/signals'
import { useLayoutEffect, useMemo } from 'preact/hooks'
import type { ListQuery, SeenEnrolment } from '../../contract.ts'
import { type Changed, type Rows, rowsOf, withChange, withPage } from '../model/rows.ts'
import { counts, listen } from './link.ts'
import { client, type Words, wordsOf } from './session.ts'

/** A list on the page, kept as it is on the server. */
export class LiveList {
  readonly rows = signal<Rows | undefined>(undefined)
  readonly trouble = signal<Words | undefined>(undefined)
  readonly query: ListQuery
  private reading = false
  private stale = false
  /** Events since the present read began: its answer may be older than they are. */
  private meanwhile: Changed[] = []
  private over = false

  constructor(query: ListQuery) {
    this.query = query
  }

  /** Reads the list until the returned function is called. */
  start(): () => void {
    this.over = false
    void this.read()
    const leave = listen({
      changed: (event) => {
        if (this.reading) this.meanwhile.push(event)
        const rows = this.rows.peek()
        if (rows !== undefined) this.rows.value = withChange(rows, event, this.query)
      },
      look: () => void this.read()
    })
    return () => {
      this.over = true
      leave()
    }
  }

  /** Reads as much again as was read before, at least the first page. One read at a time: what comes meanwhile is one more. */
  async read(): Promise<void> {
    if (this.reading) {
      this.stale = true
      return
    }
    this.reading = true
    const had = this.rows.peek()?.items.length ?? 0
    try {
      let page = await client.list({ ...this.query, limit: `${firstPage}` })
      let rows = rowsOf(page)
      // a list that a person scrolled far down does not jump
      while (page.continue !== undefined && rows.items.length < Math.min(had, rereadAtMost) && !this.over) {
        page = await client.list({ ...this.query, limit: `${nextPage}`, continue: page.continue })
        rows = withPage(rows, page)
      }
      this.take(rows, page.counts)
    } catch (error) {
      if (!this.over) this.trouble.value = wordsOf(error)
    }
    await this.ended()
  }

  /** Reads one page more, if there is one. */
  async more(): Promise<void> {
    const before = this.rows.peek()
    if (this.reading || before?.continue === undefined) return
    this.reading = true
    try {
      const page = await client.list({ ...this.query, limit: `${nextPage}`, continue: before.continue })
      const rows = this.rows.peek()
      if (rows !== undefined) this.take(withPage(rows, page), page.counts)
    } catch (error) {
      if (!this.over) this.trouble.value = wordsOf(error)
    }
    await this.ended()
  }

  /** Ends a read, and reads again if something came meanwhile. */
  private async ended(): Promise<void> {
    this.reading = false
    this.meanwhile = []
    if (!this.stale || this.over) return
    this.stale = false
    await this.read()
  }

  private take(rows: Rows, of: typeof counts.value): void {
    if (this.over) return
    const now = this.meanwhile.reduce((before, event) => withChange(before, event, this.query), rows)
    batch(() => {
      this.rows.value = now
      this.trouble.value = undefined
      counts.value = of
    })
  }
}

/** A screen and a half: the first paint waits for nothing more. */
const firstPage = 60
const nextPage = 200
const rereadAtMost = 1000

/** The list of a query, live while the component is there. */
export const useList = (query: ListQuery): LiveList => {
  const { state, role, code, text, order } = query
  const list = useMemo(() => new LiveList(query), [state, role, code, text, order])
  // before the paint, which on a slow host comes late: the answer is on its way meanwhile
  useLayoutEffect(() => list.start(), [list])
  return list
}

/** The rows that were read so far. */
export const itemsOf = (list: LiveList): readonly SeenEnrolment[] => list.rows.value?.items ?? []
