import { beginnings, type JoinCommandRequest, noFacts } from '@joinery/protocol'
import { type EnrolmentDocument, emptyParts } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { newAttempt } from '../facts/attempts.ts'

/**
 * Makes the enrolment of a machine that joins without an agent, by a command that an operator carries there. It is approved by
 * being made, and has the one attempt that it ever gets.
 */
export const decideJoinCommand = (
  made: { id: string; tokenId: string; masterKey?: string | undefined; clusterNow?: Date | undefined },
  { name, role = 'worker', ttl }: JoinCommandRequest,
  now: Date
): Decision => {
  const { id, tokenId, masterKey, clusterNow } = made
  const at = now.toISOString()
  const enrolment: EnrolmentDocument = {
    id,
    revision: 0,
    state: beginnings['join-command'],
    since: at,
    created: at,
    withoutAgent: true,
    code: '',
    key: '',
    address: '',
    facts: noFacts,
    preflight: [],
    name,
    role,
    ...emptyParts,
    join: { ...emptyParts.join, lastAttempt: 1 }
  }
  const attempt = newAttempt(enrolment, tokenId, now, { lifetime: ttl * 1000, clusterNow, masterKey })
  return {
    enrolment: { ...enrolment, join: { ...enrolment.join, attempts: [attempt] } },
    entries: [entry(now, 'operator', 'join-command', `token ${tokenId}, until ${attempt.deadline}`)],
    ...(role === 'control-plane' && { alone: now })
  }
}
