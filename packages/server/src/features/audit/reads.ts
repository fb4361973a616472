import { hour, leafTextOf } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Budgets } from '../../core/base/budgets.ts'
import type { Clock } from '../../core/base/clock.ts'
import type { Logger } from '../../core/base/log.ts'
import type { Commits } from '../../core/commit/commits.ts'

interface Parts {
  commits: Pick<Commits, 'append'>
  clock: Clock
  log: Logger
  budget: Pick<Budgets['audit'], 'readers'>
}

/**
 * Notes who reads over the socket: a leaf an hour for each reader, by the name that their command states. A read does not wait for
 * its leaf, and does not fail with it: an operator must be able to look at a server whose disk is full.
 */
export class Reads {
  readonly #parts: Parts
  #hour = -1
  #noted = new Set<string>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Notes a read. `by`: the reader's name, if their command states one. */
  note(by: string | undefined): void {
    const { commits, clock, log, budget } = this.#parts
    const now = clock.now()
    const present = Math.floor(now.getTime() / hour)
    if (present !== this.#hour) this.#noted = new Set()
    this.#hour = present
    const isOver = this.#noted.size > budget.readers
    const reader = isOver ? undefined : by
    if (this.#noted.has(reader ?? '')) return
    this.#noted.add(reader ?? '')
    const leaf = {
      v: 1,
      time: now.toISOString(),
      event: 'read',
      subject: 'socket',
      actor: 'operator',
      ...given({ by: reader }),
      fields: { detail: 'read over the socket for the first time in this hour' }
    } as const
    commits.append({ leaves: [leafTextOf(leaf)] }).catch((error: unknown) => {
      // the next read tries again
      this.#noted.delete(reader ?? '')
      log.warn({ err: error }, 'a read over the socket has no leaf in the audit log')
    })
  }
}
