import type { ReadStream } from 'node:fs'
import { ProblemError } from '@joinery/protocol'
import { addressGroup } from '../../core/base/address-group.ts'
import type { Budgets } from '../../core/base/budgets.ts'
import type { Monotonic } from '../../core/base/clock.ts'
import { type Download, decideDownload } from './decide-download.ts'

interface Running extends Download {
  /** Closes the connection. */
  cut(): void
  /** File of the package. Undefined before it is open. */
  file?: Pick<ReadStream, 'bytesRead'>
  /** Bytes of it that were read when somebody last looked, and the time at which more were, in monotonic milliseconds. */
  read: number
  moved: number
}

/** Pause between two looks at packages that do not get on, in milliseconds. */
const sweepEvery = 1_000

/**
 * The packages that are on their way to machines: few at once, in all and for each address, and none that does not get on. Whoever asks
 * needs no certificate, and a reader that does not read costs megabytes, most of them the kernel's.
 */
export class Downloads {
  readonly #budget: Budgets['packages']
  readonly #monotonic: Monotonic
  /** The oldest is the first. */
  readonly #running = new Set<Running>()
  readonly #sweeping: NodeJS.Timeout

  constructor(budget: Budgets['packages'], monotonic: Monotonic) {
    this.#budget = budget
    this.#monotonic = monotonic
    this.#sweeping = setInterval(() => this.sweep(), sweepEvery).unref()
  }

  /** Gives a machine a place. Throws `too-many-requests` if there is none. */
  begin(address: string, cut: () => void): Place {
    const group = addressGroup(address)
    const decided = decideDownload([...this.#running], group, this.#budget)
    if (decided === 'refuse') {
      const detail = 'as many machines fetch a package now as the server allows'
      throw new ProblemError('too-many-requests', { detail }, { retryAfter: this.#budget.retryAfter })
    }
    if (decided !== 'begin') this.#end(decided.makesRoom)
    const running: Running = { group, cut, read: 0, moved: this.#monotonic() }
    this.#running.add(running)
    return {
      reads: (file) => {
        running.file = file
      },
      leave: () => void this.#running.delete(running)
    }
  }

  close(): void {
    clearInterval(this.#sweeping)
  }

  /** Cuts those whose file was not read on: the machine takes nothing of it. */
  sweep(): void {
    const now = this.#monotonic()
    for (const running of this.#running) {
      const { bytesRead = 0 } = running.file ?? {}
      if (bytesRead > running.read) Object.assign(running, { read: bytesRead, moved: now })
      if (now - running.moved >= this.#budget.idle) this.#end(running)
    }
  }

  #end(running: Running): void {
    this.#running.delete(running)
    running.cut()
  }
}

/** Place of one download. */
export interface Place {
  /** Says which file the machine gets. */
  reads(file: Pick<ReadStream, 'bytesRead'>): void
  leave(): void
}
