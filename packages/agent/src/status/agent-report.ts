import { AgentServers, Check, seenStates } from '@joinery/protocol'
import Type, { type Static } from 'typebox'

const strict = { additionalProperties: false }

/** The report of a running agent about itself, for anybody who asks on this machine. Times are milliseconds of `Clock`. */
export const AgentReport = Type.Object(
  {
    process: Type.Object({ pid: Type.Integer(), started: Type.String() }, strict),
    server: Type.String(),
    servers: Type.Optional(AgentServers),
    message: Type.String(),
    since: Type.Number(),
    key: Type.Optional(Type.String()),
    enrolment: Type.Optional(
      Type.Object({ id: Type.String(), name: Type.String(), state: Type.Enum([...seenStates]) }, strict)
    ),
    attempt: Type.Optional(
      Type.Object(
        {
          number: Type.Integer(),
          stage: Type.Optional(Type.String()),
          controlPlane: Type.Optional(Type.Literal(true))
        },
        strict
      )
    ),
    failing: Type.Optional(
      Type.Object(
        { reason: Type.String(), tries: Type.Integer(), since: Type.Number(), nextTry: Type.Number() },
        strict
      )
    ),
    checks: Type.Array(Check)
  },
  strict
)
export type AgentReport = Static<typeof AgentReport>
