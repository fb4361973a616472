/** Something that goes wrong with one request. */
export interface Fault {
  /** Matches `GET /apis/...`, the query included. */
  request: RegExp
  /** True if the API server carries out the request all the same, and only its answer is wrong. */
  carriedOut?: true
  /** Answers with this status and message, ends the connection, or never answers. */
  answer:
    | { status: number; message?: string; name?: string; headers?: Record<string, string> }
    | { body: string | ((group: string) => string) }
    | 'cut'
    | 'none'
  /** Number of requests that meet the fault; 1 if absent. */
  times?: number
}

/** The faults that wait for their requests. */
export class Faults {
  #waiting: (Fault & { left: number })[] = []

  add(fault: Fault): void {
    this.#waiting.push({ ...fault, left: fault.times ?? 1 })
  }

  /** The fault that this request meets. */
  meet(request: string): Fault | undefined {
    const met = this.#waiting.find((fault) => fault.request.test(request))
    if (met === undefined) return undefined
    met.left -= 1
    if (met.left === 0) this.#waiting = this.#waiting.filter((fault) => fault !== met)
    return met
  }
}
