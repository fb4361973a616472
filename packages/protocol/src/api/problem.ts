import Type, { type Static } from 'typebox'

/**
 * Every error that an API of Joinery can answer: stable code, HTTP status, and what the agent does about it. `later`:
 * the agent tries again by itself. `person`: it waits slowly until somebody acts. `never`: the request itself is
 * wrong.
 */
export const problems = {
  'invalid-request': { status: 400, retry: 'never', title: 'The request does not fit the schema' },
  'invalid-name': { status: 400, retry: 'never', title: 'The node name is not valid' },
  'invalid-network': { status: 400, retry: 'never', title: 'The network is not valid' },
  'invalid-label': { status: 400, retry: 'never', title: 'A code cannot give this label' },
  'invalid-taint': { status: 400, retry: 'never', title: 'A code cannot give this taint' },
  'invalid-gate': { status: 400, retry: 'never', title: 'A code cannot have this gate' },
  'certificate-required': { status: 401, retry: 'never', title: 'A client certificate is needed' },
  'code-not-accepted': { status: 403, retry: 'person', title: 'The code is not accepted; ask for a new one' },
  'code-expired': { status: 403, retry: 'person', title: 'The code has expired' },
  'code-revoked': { status: 403, retry: 'person', title: 'The code was revoked' },
  'code-over': { status: 409, retry: 'person', title: 'There was a code with this hash before; make a new code' },
  'request-not-approved': { status: 403, retry: 'person', title: 'The certificate request is not the approved one' },
  'not-found': { status: 404, retry: 'person', title: 'Not found' },
  'method-not-allowed': { status: 405, retry: 'never', title: 'This path takes other methods' },
  'request-timeout': { status: 408, retry: 'later', title: 'The request did not come to its end' },
  'illegal-event': { status: 409, retry: 'person', title: 'The present state does not allow this' },
  'credential-unavailable': { status: 409, retry: 'person', title: 'This server gives out another credential' },
  'diagnosis-off': { status: 409, retry: 'person', title: 'This server does not read Pods' },
  'not-granted': { status: 409, retry: 'person', title: 'Nobody has granted the machine the keys of the cluster' },
  'control-plane-busy': { status: 409, retry: 'later', title: 'Another control plane is joining' },
  'joins-full': { status: 409, retry: 'later', title: 'As many machines join as may at once' },
  'no-stable-endpoint': { status: 409, retry: 'person', title: 'The cluster cannot take another control plane' },
  'already-enrolled': { status: 409, retry: 'never', title: 'This key has a live enrolment' },
  'ambiguous-id': { status: 409, retry: 'person', title: 'Several ids end or begin like this' },
  'name-in-use': { status: 409, retry: 'person', title: 'The name is in use' },
  'machine-not-unique': { status: 409, retry: 'person', title: 'Another machine has the same identity' },
  'preflight-failed': { status: 409, retry: 'person', title: 'Preflight fails on the machine' },
  'revision-changed': { status: 409, retry: 'person', title: 'The evidence has changed since it was shown' },
  'recovery-not-needed': { status: 409, retry: 'person', title: 'The Node is Ready, so nobody needs the way back' },
  'recovery-not-yet': { status: 409, retry: 'later', title: 'The Node is Ready still; ask again in a minute' },
  'recovery-refused': { status: 403, retry: 'person', title: 'The way back is refused' },
  'node-gone': { status: 409, retry: 'person', title: 'The Node was deleted, so the machine has to join again' },
  'too-large': { status: 413, retry: 'never', title: 'The request is too large' },
  'too-many-requests': { status: 429, retry: 'later', title: 'Too many requests' },
  internal: { status: 500, retry: 'later', title: 'Something went wrong on the server' },
  'agent-package-missing': { status: 503, retry: 'person', title: 'The agent package cannot be read' },
  'cluster-unavailable': { status: 503, retry: 'later', title: 'The Kubernetes API cannot be reached' },
  'cluster-unsafe': {
    status: 503,
    retry: 'person',
    title: 'The cluster does not restrict a credential to its purpose'
  },
  'certificate-not-issued': { status: 503, retry: 'later', title: 'The cluster has not issued the certificate' },
  'no-statement': { status: 503, retry: 'later', title: 'The server cannot sign what it says of itself' },
  'not-active': { status: 503, retry: 'later', title: 'Another server is the active one' },
  'store-unavailable': { status: 503, retry: 'later', title: 'The store cannot be written' },
  'store-damaged': { status: 503, retry: 'later', title: 'The store is damaged' },
  'store-newer': { status: 503, retry: 'person', title: 'A newer server wrote the store' },
  'store-full': { status: 507, retry: 'later', title: 'The disk of the store is full' }
} as const
export type ProblemCode = keyof typeof problems

/** RFC 9457 problem details with the stable `code`. `detail` is the cause, `remedy` says what to do about it. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.Optional(Type.String()),
  remedy: Type.Optional(Type.String())
})
export type Problem = Static<typeof Problem>

export interface ProblemText {
  /** The cause in plain words. */
  detail?: string
  /** The way out of the problem: a command if there is one. */
  remedy?: string
}

export interface ProblemOptions extends ErrorOptions {
  /** Seconds for which the caller is asked to wait (Retry-After). */
  retryAfter?: number
}

/** An error that a caller may see. Every other error becomes `internal` without its text. */
export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly text: ProblemText
  readonly retryAfter: number | undefined

  constructor(code: ProblemCode, text: ProblemText = {}, { retryAfter, ...options }: ProblemOptions = {}) {
    super(text.detail ?? problems[code].title, options)
    this.name = 'ProblemError'
    this.code = code
    this.text = text
    this.retryAfter = retryAfter
  }

  get body(): Problem {
    const { status, title } = problems[this.code]
    return { type: `urn:joinery:problem:${this.code}`, title, status, code: this.code, ...this.text }
  }
}

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problems, code)
