/** A request as it comes over the wire. */
export interface Message {
  method: string
  /** Path and query. */
  url: URL
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  body: string
  /** PEM of the client certificate whose key the client has proven. */
  certificate?: string
}

/** An answer, whole or as a stream of lines. */
export interface Answer {
  code: number
  headers: Readonly<Record<string, string>>
  body: string | Lines
}

/** A body that goes on. */
export interface Lines {
  /** Gives each line to `line`, and calls `ended` once after the last, with an error if the connection broke. Returns the reader's end. */
  read(line: (text: string) => void, ended: (error?: Error) => void): () => void
}

/** Headers of an answer in JSON. */
export const json = { 'content-type': 'application/json' } as const
