import { type EnrolRequest, escapeText, isNodeName, ProblemError } from '@joinery/protocol'
import type { CodeDocument, EnrolmentDocument } from '../store/store.ts'

/** What a machine presents: its key and address come from the TLS connection, the rest is its own word. */
export interface Knock {
  key: string
  address: string
  request: EnrolRequest
}

export type Answer = 'open' | 'again' | 'conflict'

/**
 * What becomes of a code that a machine presents. `again`: the same key repeats itself (a lost reply, a reboot).
 * `conflict`: the code belongs to another key; the caller answers as for an unknown code and freezes the enrolment.
 * Throws `code-expired` or `code-revoked` for an unused one: its lifetime bounds the first use only.
 */
export const judgeCode = (code: CodeDocument, used: EnrolmentDocument | undefined, key: string, now: Date): Answer => {
  if (used !== undefined) return used.key === key ? 'again' : 'conflict'
  if (code.revoked !== undefined) throw new ProblemError('code-revoked', { detail: `revoked at ${code.revoked}` })
  if (now >= new Date(code.expires)) throw new ProblemError('code-expired', { detail: `expired at ${code.expires}` })
  return 'open'
}

/** The name: the code's, else the one the machine asks for. Throws `invalid-name` with the rule and the escaped value. */
export const chooseName = (code: CodeDocument, asked: string): string => {
  const name = code.name ?? asked
  if (!isNodeName(name)) {
    throw new ProblemError('invalid-name', {
      detail: `"${escapeText(name).slice(0, 300)}" is no RFC 1123 subdomain: lower-case letters, digits, - and ., at most 253 characters, each part at most 63`,
      remedy: 'set `name` in /etc/joinery/agent.yaml, or make a code with --name'
    })
  }
  return name
}

/** A new enrolment, pending, of the first key that uses a code. */
export const newEnrolment = (id: string, code: CodeDocument, knock: Knock, now: Date): EnrolmentDocument => ({
  id,
  revision: 0,
  state: 'pending',
  since: now.toISOString(),
  created: now.toISOString(),
  code: code.id,
  key: knock.key,
  name: chooseName(code, knock.request.name),
  role: code.role,
  address: knock.address,
  facts: knock.request.facts,
  preflight: knock.request.preflight,
  ...(code.labels === undefined ? {} : { labels: code.labels }),
  ...(code.taints === undefined ? {} : { taints: code.taints }),
  ...(code.policy === undefined ? {} : { policy: code.policy }),
  ...(code.credential === undefined ? {} : { credential: code.credential }),
  ...(knock.request.joinKey === undefined ? {} : { joinKey: knock.request.joinKey }),
  conflicts: [],
  lastAttempt: 0,
  attempts: []
})
