import {
  allowsPrefetch,
  beginnings,
  type EnrolRequest,
  escapeText,
  isNodeName,
  isWithin,
  ProblemError
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { CodeDocument } from '../../ports/store/documents/code-document.ts'
import { type EnrolmentDocument, emptyParts } from '../../ports/store/documents/enrolment-document.ts'
import { boundedPreflight } from '../decision/bounded-evidence.ts'
import { isSpent, usesOf } from '../facts/shown.ts'

/** One call of a machine with a code. Key and address come from the TLS connection; the rest is the machine's own word. */
export interface Knock {
  key: string
  address: string
  /** Version of its agent. Absent if it says none. */
  version?: string
  request: EnrolRequest
}

export type Answer = 'open' | 'again' | 'conflict' | 'spent' | 'elsewhere'

/**
 * Judges a code that a machine presents. `used`: the enrolment behind the code for this key.
 * - again: the same key repeats itself (a lost reply, a reboot)
 * - elsewhere: the machine is in none of the code's networks
 * - conflict: the code is for one machine, and belongs to another key
 * - spent: the code is for many machines, and they are all there
 *
 * The last three are answered as an unknown code; only a conflict freezes the enrolment. Throws `code-expired` or
 * `code-revoked`: the lifetime bounds the first use of each machine only.
 */
export const judgeCode = (
  code: CodeDocument,
  used: EnrolmentDocument | undefined,
  { key, address }: Pick<Knock, 'key' | 'address'>,
  now: Date
): Answer => {
  if (used?.key === key) return 'again'
  if (code.from !== undefined && !isWithin(address, code.from)) return 'elsewhere'
  if (isSpent(code)) return usesOf(code) === 1 ? 'conflict' : 'spent'
  if (code.revoked !== undefined) throw new ProblemError('code-revoked', { detail: `revoked at ${code.revoked}` })
  if (now >= new Date(code.expires)) throw new ProblemError('code-expired', { detail: `expired at ${code.expires}` })
  return 'open'
}

/** Throws `invalid-name` with the rule and the escaped value. `remedy`: without it that of a machine. */
export const requireNodeName = (
  name: string,
  remedy = 'set `name` in /etc/joinery/agent.yaml, or make a code with --name'
): string => {
  if (!isNodeName(name)) {
    throw new ProblemError('invalid-name', {
      detail: `"${escapeText(name).slice(0, 300)}" is no RFC 1123 subdomain: lower-case letters, digits, - and ., at most 253 characters, each part at most 63`,
      remedy
    })
  }
  return name
}

/** Makes a new enrolment, pending, for the first key that uses a code. */
export const newEnrolment = (
  { id, name }: Pick<EnrolmentDocument, 'id' | 'name'>,
  code: CodeDocument,
  knock: Knock,
  now: Date
): EnrolmentDocument => ({
  id,
  revision: 0,
  state: beginnings.code,
  since: now.toISOString(),
  created: now.toISOString(),
  code: code.id,
  key: knock.key,
  name,
  role: code.role,
  address: knock.address,
  facts: knock.request.facts,
  preflight: boundedPreflight(knock.request.preflight),
  ...(knock.version !== undefined && { agent: { version: knock.version, since: now.toISOString() } }),
  ...emptyParts,
  terms: {
    ...given({
      labels: code.labels,
      taints: code.taints,
      readyWhen: code.readyWhen,
      policy: code.policy,
      credential: code.credential,
      recover: code.recover
    }),
    ...(allowsPrefetch(code) && { prefetch: true })
  },
  join: { ...emptyParts.join, ...given({ key: knock.request.joinKey, sealKey: knock.request.sealKey }) }
})
