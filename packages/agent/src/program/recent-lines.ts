import { maskSecrets } from '@joinery/host/text/secrets/mask-secrets'
import { type AgentLine, agentLineAge, agentLineLimit, agentLinesAtMost, escapeText } from '@joinery/protocol'
import type { Clock } from './clock.ts'

/** The last lines that the agent said about itself, for the report of an attempt that failed. They end with the process. */
export class RecentLines {
  readonly #clock: Pick<Clock, 'monotonic'>
  #lines: { at: number; line: string }[] = []

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** Keeps a line, without secrets. One that is said again at once is the same line. */
  add(text: string): void {
    const line = escapeText(maskSecrets(text)).slice(0, agentLineLimit)
    if (line === '' || this.#lines.at(-1)?.line === line) return
    this.#lines = [...this.#lines, { at: this.#clock.monotonic(), line }].slice(-agentLinesAtMost)
  }

  /** The lines, the oldest first. The clock of this machine may be wrong, so each says how long ago it was. */
  last(): AgentLine[] {
    const now = this.#clock.monotonic()
    return this.#lines.map(({ at, line }) => ({ ago: Math.min(Math.floor((now - at) / 1000), agentLineAge), line }))
  }
}
