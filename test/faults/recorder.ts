import type { Exchange } from './history.ts'

/** Writes down what was asked, when, and what was answered; that there was no answer is one, too. */
export interface Recorder {
  readonly exchanges: readonly Exchange[]
  /** So many were answered. */
  readonly answers: number
  record(
    asked: Omit<Exchange, 'sent' | 'ended' | 'status' | 'text'>,
    ask: () => Promise<{ status: number; body: string } | undefined>
  ): Promise<Exchange>
}

export const newRecorder = (now: () => number): Recorder => {
  const exchanges: Exchange[] = []
  let answers = 0
  return {
    exchanges,
    get answers() {
      return answers
    },
    record: async (asked, ask) => {
      const sent = now()
      const answer = await ask().catch(() => undefined)
      const exchange: Exchange = {
        ...asked,
        sent,
        ended: now(),
        ...(answer !== undefined && { status: answer.status, text: answer.body })
      }
      exchanges.push(exchange)
      if (answer !== undefined) answers += 1
      return exchange
    }
  }
}
