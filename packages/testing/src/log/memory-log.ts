import type { Appender, NewDocument, TakenOver } from '@joinery/server/testing/log'

/** Steps on the way of a batch: it may wait there, be refused, or be lost. */
export interface Ways {
  /** The step before the batch is durable. If it throws, the batch is refused. */
  before(documents: readonly NewDocument[]): Promise<void>
  /** The step after that, before anybody is told. */
  after(documents: readonly NewDocument[]): Promise<void>
  /** Reason why the log can never take a document. It takes each if absent. */
  refuses?(document: NewDocument): string | undefined
}

/** A log in memory, which keeps documents and numbers batches. It has none of the bad days of a real one but those of `ways`. */
export const memoryLog = (log = 'log-1') => {
  const documents = new Map<string, { number: number; text: string }>()
  const batches: NewDocument[][] = []
  const nothing = async (): Promise<void> => {}
  const ways: Ways = { before: nothing, after: nothing }
  const appender: Appender = {
    refuses: (document) => ways.refuses?.(document),
    append: async (batch) => {
      await ways.before(batch)
      const number = batches.push([...batch])
      for (const { name, text } of batch) {
        if (text === null) documents.delete(name)
        else documents.set(name, { number, text })
      }
      await ways.after(batch)
      return number
    }
  }
  return {
    ways,
    batches,
    documents,
    /** The log as a server finds it that takes over now. */
    taken: (): TakenOver => ({
      log,
      number: batches.length,
      term: 1,
      documents: [...documents].map(([name, document]) => ({ name, ...document })),
      appender,
      close: nothing
    })
  }
}
export type MemoryLog = ReturnType<typeof memoryLog>
