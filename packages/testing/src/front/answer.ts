/** An answer of the front as the API server would give it. */
export interface Answer {
  status: number
  body: unknown
  headers?: Record<string, string>
}

/** An answer that refuses, thrown by whoever finds the reason. */
export class Refused extends Error {
  readonly answer: Answer

  constructor(status: number, message: string, name?: string) {
    super(message)
    this.answer = refusal(status, message, name)
  }
}

/** The Status object of an answer that is no success. `name`: the object that it is about. */
export const refusal = (code: number, message: string, name?: string): Answer => ({
  status: code,
  body: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    code,
    ...(name !== undefined && { details: { name } })
  }
})

/** The answer about an object that is not there. */
export const notFound = (resource: string, name: string): Refused =>
  new Refused(404, `${resource} "${name}" not found`, name)

/** The answer about a kind that is not there. */
export const noKind = (): Refused => new Refused(404, 'the server could not find the requested resource')
