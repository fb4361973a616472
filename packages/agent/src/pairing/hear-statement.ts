import { digestOf, furtherServers, StatementAnswer, serverUrl } from '@joinery/protocol'
import { openNextPin, openStatement } from '@joinery/protocol/statement'
import { Value } from 'typebox/value'
import type { Logger } from '../program/log.ts'
import type { PinWord } from './known-pins.ts'

/** Word of a server on what an agent trusts. */
export interface Word {
  servers: readonly string[]
  nextPin: PinWord
}

/** The statement of one server that was opened last, which all connections to it share. */
export interface LastStatement {
  /** Digest of the statement, and pin of the server that said it. */
  digest?: string
  pin?: string
  /** Undefined if it did not open. */
  word?: Word | undefined
  /** True if the log says already that the statements of this server do not open. */
  complained?: boolean
}

export interface StatementSource {
  /** URL of the server. */
  server: string
  /** Asks for the statement, over the connection on which the answer came. */
  fetch: () => Promise<unknown>
  log: Pick<Logger, 'warn'>
}

/** Word of an earlier server, which has no statement. */
const nothing: Word = { servers: [], nextPin: 'nothing' }

/**
 * The word that an answer stands for, by the digest in its header. `pin`: the pin of the key that its server has proven to have on this
 * connection. Undefined if the answer changes nothing: it is a refusal without a statement, or its statement does not open.
 */
export const hearStatement = async (
  { status, header }: { status: number; header: unknown },
  pin: string,
  last: LastStatement,
  { server, fetch, log }: StatementSource
): Promise<Word | undefined> => {
  if (header === undefined) return status < 300 ? nothing : undefined
  if (last.digest === header && last.pin === pin) return last.word
  if (typeof header !== 'string') return undefined
  const answer = await fetch()
  try {
    if (!Value.Check(StatementAnswer, answer)) throw new Error('it is none that this agent understands')
    Object.assign(last, { digest: digestOf(answer), pin, word: await open(answer, pin), complained: false })
  } catch (error) {
    if (!last.complained) log.warn({ server }, `the statement of this server is ignored: ${(error as Error).message}`)
    Object.assign(last, { digest: header, pin, word: undefined, complained: true })
  }
  return last.word
}

const open = async ({ statement: text, nextPin }: StatementAnswer, pin: string): Promise<Word> => {
  const { statement } = await openStatement(text, [pin])
  return {
    servers: [statement.server, ...furtherServers(statement)].flatMap((url) => serverUrl(url) ?? []),
    nextPin: nextPin === undefined ? 'none' : { pin: await openNextPin(nextPin, pin), text: nextPin }
  }
}
