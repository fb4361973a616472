import { isOnItsWay, isRecovering, statesThat, untoldShown } from '@joinery/protocol'
import type { Store } from '../../core/ports/store/store.ts'

/** Most keys that are remembered. If there were more, those that are there still say it again with their next request. */
const most = 50_000

/** Machines that are on their way and may not know the pin that comes next. */
export interface Untold {
  waiting: number
  count: number
  names: string[]
}

/** The pin of the CA that comes next, and which machines have said that they keep it. */
export class NextPin {
  /** The pin. Undefined if no CA comes next. */
  readonly pin: string | undefined
  readonly #told = new Set<string>()

  constructor(pin: string | undefined) {
    this.pin = pin
  }

  /** Notes what the machine with this key said, in a request that was answered. */
  heard(key: string, pin: unknown): void {
    if (this.pin === undefined || pin !== this.pin) return
    if (this.#told.size >= most) this.#told.clear()
    this.#told.add(key)
  }

  /** The machines that have not said it since this server started. Undefined if no CA comes next, or there is no such machine. */
  async untold(store: Pick<Store, 'enrolments'>): Promise<Untold | undefined> {
    if (this.pin === undefined) return undefined
    const states = [...new Set([...statesThat(isOnItsWay), ...statesThat(isRecovering)])]
    const waiting = (await store.enrolments(states)).filter(({ withoutAgent }) => withoutAgent !== true)
    const untold = waiting.filter(({ key }) => !this.#told.has(key))
    if (untold.length === 0) return undefined
    const names = untold.slice(0, untoldShown).map(({ name }) => name)
    return { waiting: waiting.length, count: untold.length, names }
  }
}
