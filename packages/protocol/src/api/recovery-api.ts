import Type, { type Static } from 'typebox'
import { Facts, fingerprintOf } from '../machine/machine.ts'
import { CertificateCredential, longestRequest, ownRecoveryStates } from './agent-api.ts'

const strict = { additionalProperties: false }
const time = Type.String({ format: 'date-time' })
const Serial = Type.String({ pattern: '^[0-9A-Fa-f]{1,40}$' })

/** Faults of the kubelet's client certificate because of which a machine asks for the way back. */
export const recoveryReasons = ['missing', 'unreadable', 'expired'] as const
export type RecoveryReason = (typeof recoveryReasons)[number]

/** A value of the counter that machine and server both keep: 32 random bytes, in hex. */
const Count = (description: string) => Type.String({ pattern: '^[0-9a-f]{64}$', description })

/**
 * `POST /v1/enrolment/recovery`: the machine of an enrolment that has joined asks for the way back. Identity is the agent's key.
 * `notAfter`, `serial` and `fingerprint` are those of the certificate that the kubelet had, if the file can still be read. All
 * of it is the machine's word.
 *
 * The machine makes a random `next`, writes it durably beside `current`, and only then asks. The server accepts as `current` the
 * value that both know, or the `next` of the ask before, whose answer may be lost. The same ask again gets the same answer.
 */
export const RecoveryRequest = Type.Object(
  {
    reason: Type.Enum([...recoveryReasons]),
    notAfter: Type.Optional(time),
    serial: Type.Optional(Serial),
    fingerprint: Type.Optional(fingerprintOf("the kubelet's public key")),
    current: Type.Optional(Count('value of the counter; absent if the machine never asked before')),
    next: Count('value that follows if the server takes the ask'),
    joinKey: fingerprintOf('public key that the certificate is for'),
    facts: Facts,
    bootId: Type.Optional(Type.String({ maxLength: 64, description: 'boot id of the kernel' }))
  },
  strict
)
export type RecoveryRequest = Static<typeof RecoveryRequest>

/**
 * `POST /v1/enrolment/recovery/claim`. `request` is a PKCS#10 request in PEM by the join key of the ask, for
 * `CN=system:node:NAME, O=system:nodes` of the enrolment's name and nothing else.
 */
export const RecoveryClaimRequest = Type.Object(
  {
    request: Type.String({ maxLength: longestRequest }),
    interrupted: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'Number of the attempt that a reboot interrupted after its credential was on the disk. What its kubelet got may be lost, so ' +
          'that attempt is closed, and another one opened.'
      })
    )
  },
  strict
)
export type RecoveryClaimRequest = Static<typeof RecoveryClaimRequest>

const { attempt, nodeName, server, certificateAuthority, certificate, expires } = CertificateCredential.properties

/**
 * Client certificate of ten minutes for the way back, whichever credential the machine joined with. The same claim again, in the
 * same attempt, gets the same answer. The outcome of the attempt is reported as that of a join is.
 */
export const RecoveryCredential = Type.Object({
  attempt,
  nodeName,
  server,
  certificateAuthority,
  certificate,
  expires
})
export type RecoveryCredential = Static<typeof RecoveryCredential>

/**
 * Policy for machines that ask for the way back, of a code or of the server. `ask`: an operator decides. `auto N`: the server
 * approves it N times a year, and an operator decides about all others. `never`: the server refuses.
 */
export const recoverPattern = '^(ask|never|auto [1-9][0-9]?)$'
export const RecoverPolicy = Type.String({
  maxLength: 8,
  pattern: recoverPattern,
  description:
    'ask, never, or auto N: whether a machine that lost its certificate may come back by itself, N times a year'
})
export type RecoverPolicy = Static<typeof RecoverPolicy>

/** Times a year that the policy approves by itself. Undefined if the policy refuses. */
export const recoveriesAYear = (policy: RecoverPolicy): number | undefined => {
  if (policy === 'never') return undefined
  return policy === 'ask' ? 0 : Number(policy.slice('auto '.length))
}

/**
 * States of the way back as operators see it. Those of the machine's own view, and:
 * - refused: an operator said no; a retry lets the machine ask again
 * - frozen: two machines seem to ask with one key; a retry says that the machine may ask again, and an operator decides
 * - over: the last one ended, with or without a certificate
 */
export const recoveryStates = [...ownRecoveryStates, 'refused', 'frozen', 'over'] as const
export type RecoveryState = (typeof recoveryStates)[number]

/** Evidence that a machine showed when it asked for the way back. */
export const RecoveryEvidence = Type.Object({
  at: time,
  address: Type.String({ description: 'address at which the server saw the machine' }),
  reason: Type.Enum([...recoveryReasons]),
  notAfter: Type.Optional({ ...time, description: 'end of the last certificate, as the machine says' }),
  serial: Type.Optional({ ...Serial, description: 'serial of the last certificate, as the machine says' }),
  fingerprint: Type.Optional(fingerprintOf("the kubelet's public key, as the machine says")),
  joinKey: fingerprintOf('public key that the certificate is for'),
  facts: Facts,
  bootId: Type.Optional(Type.String())
})
export type RecoveryEvidence = Static<typeof RecoveryEvidence>

/** The way back as operators see it, beside the state of the enrolment. */
export const Recovery = Type.Object({
  state: Type.Enum([...recoveryStates]),
  since: { ...time, description: 'time at which this state of the way back began' },
  why: Type.Optional(
    Type.String({ description: 'reason why it was refused, froze or ended, or why an operator is asked' })
  ),
  asked: Type.Optional({ ...RecoveryEvidence, description: 'last ask that was taken' }),
  other: Type.Optional({ ...RecoveryEvidence, description: 'ask that did not fit, if the way back is frozen' }),
  lastSeen: Type.Optional(
    Type.Object(
      { serial: Type.Optional(Serial), notAfter: time },
      { description: 'last certificate of the kubelet that the server saw issued' }
    )
  ),
  lease: Type.Optional(
    Type.String({
      description: 'when the kubelet had renewed its Lease last, as the machine asked, or why that is not known'
    })
  ),
  notReadySince: Type.Optional({ ...time, description: 'time since which the Node is not Ready' }),
  addressBefore: Type.String({ description: 'address at which the server saw the machine before' }),
  changed: Type.Array(Type.String(), { description: 'facts that differ from those that were approved' })
})
export type Recovery = Static<typeof Recovery>
