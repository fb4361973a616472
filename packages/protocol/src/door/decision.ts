import Type, { type Static } from 'typebox'
import { roles } from '../api/agent-api.ts'
import { states } from '../enrolment.ts'
import { conditionFields } from './conditions.ts'
import { enrolmentId, keyOf, plainText, problemCode, timeOf, uidOf, username } from './texts.ts'

/** Things that an operator can decide about an enrolment. `replace` approves it, and a Node of its name makes room. */
export const decisionVerdicts = ['approve', 'reject', 'release', 'retry', 'replace', 'remove'] as const
export type DecisionVerdict = (typeof decisionVerdicts)[number]

/** `spec` of a Decision. An operator writes it once, and nobody changes it. It covers what the operator was shown. */
export const DecisionSpec = Type.Object(
  {
    enrolment: enrolmentId,
    role: Type.Enum([...roles], {
      description: 'role of the machine; the server refuses another than the enrolment has'
    }),
    verdict: Type.Enum([...decisionVerdicts], { description: 'what happens to the enrolment' }),
    key: keyOf("fingerprint of the agent's key that was shown; empty if the enrolment has no agent"),
    revision: Type.Integer({ minimum: 0, maximum: 2 ** 53 - 1, description: 'revision that was shown' }),
    node: Type.Optional(uidOf('uid of the Node that makes room; only replace has it')),
    reason: Type.Optional(plainText('reason for the timeline; reject must have one')),
    by: username
  },
  { description: 'what the operator decided; nobody changes it' }
)
export type DecisionSpec = Static<typeof DecisionSpec>

export const decisionResults = ['applied', 'refused'] as const

/** `status` of a Decision, which the server writes. While it is absent, the decision is still open. */
export const DecisionStatus = Type.Object(
  {
    ...conditionFields,
    result: Type.Enum([...decisionResults], { description: 'what the server did with the decision' }),
    code: Type.Optional(problemCode('problem code, if the decision was refused')),
    message: plainText('what became of the decision, in one sentence'),
    remedy: Type.Optional(plainText('what to do about it, if the decision was refused')),
    state: Type.Optional(Type.Enum([...states], { description: 'state of the enrolment afterwards' })),
    at: timeOf('time at which the server settled the decision')
  },
  { description: 'what became of the decision; absent while it is open' }
)
export type DecisionStatus = Static<typeof DecisionStatus>
