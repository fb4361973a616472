import type { SeenEnrolment, SeenEnrolmentDetail } from '../operator-client.ts'
import type { AuditEntry, AuditPage } from './contract.ts'

/** Number of enrolments whose timelines are read, of those that are asked at a time, and of the entries that are shown. */
const enrolmentsAtMost = 50
const atATime = 4
const entriesAtMost = 500

/** Milliseconds for which a timeline is good if its enrolment looks the same. */
const lasts = 30_000

interface Known {
  /** The enrolment's row in the list when its timeline was read. */
  row: string
  at: number
  timeline: SeenEnrolmentDetail['timeline']
}

export interface TimelinesParts {
  all(): Promise<{ items: readonly SeenEnrolment[] }>
  show(id: string): Promise<SeenEnrolmentDetail>
  /** Tells milliseconds. */
  monotonic(): number
}

/** The timelines of the enrolments that changed last, as one. Each is read again when its enrolment has changed. */
export class Timelines {
  readonly #parts: TimelinesParts
  #known = new Map<string, Known>()

  constructor(parts: TimelinesParts) {
    this.#parts = parts
  }

  async page(): Promise<AuditPage> {
    const { items } = await this.#parts.all()
    const last = [...items].sort((one, other) => (one.since < other.since ? 1 : -1)).slice(0, enrolmentsAtMost)
    const known = new Map<string, Known>()
    const queue = [...last]
    const reader = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        known.set(next.id, await this.#read(next))
      }
    }
    await Promise.all(Array.from({ length: atATime }, reader))
    this.#known = known
    const entries = last.flatMap(({ id, name }): AuditEntry[] =>
      (known.get(id)?.timeline ?? []).map((entry) => ({ ...entry, enrolment: id, name }))
    )
    const page = { items: entries.sort(newestFirst).slice(0, entriesAtMost), read: last.length, of: items.length }
    const isWithout = last.some(({ id }) => known.get(id)?.timeline === undefined)
    return isWithout ? { ...page, lacking } : page
  }

  async #read(enrolment: SeenEnrolment): Promise<Known> {
    const row = JSON.stringify(enrolment)
    const at = this.#parts.monotonic()
    const before = this.#known.get(enrolment.id)
    if (before?.row === row && at - before.at < lasts) return before
    const { timeline } = await this.#parts.show(enrolment.id)
    return { row, at, timeline }
  }
}

const newestFirst = (one: AuditEntry, other: AuditEntry): number => (one.at < other.at ? 1 : -1)

const lacking = 'Kubernetes shows no timelines; the pairing server shows them to root on its host'
