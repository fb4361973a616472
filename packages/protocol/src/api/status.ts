import Type, { type Static } from 'typebox'
import { states } from '../enrolment.ts'

const time = Type.String({ format: 'date-time' })

/** Something happened that must not happen. It is told once, and nobody has to confirm it. */
export const Alert = Type.Object({
  at: time,
  subject: Type.String({ description: 'enrolment/NAME, code/ID, node/NAME or store' }),
  event: Type.String(),
  detail: Type.String(),
  next: Type.String({ description: 'the command that shows more' })
})
export type Alert = Static<typeof Alert>

/** Number of days for which the status shows an alert. The alert stays in its timeline. */
export const alertDays = 7

/** Largest number of alerts that the status shows. */
export const alertsShown = 10

/** `GET /v1/status`: how the pairing server is now. The server asks store and cluster for it, and remembers nothing. */
export const Status = Type.Object({
  version: Type.String(),
  started: time,
  agents: Type.Object({
    listen: Type.String({ description: 'address:port, as configured' }),
    url: Type.String({ description: 'by which machines reach it' }),
    pin: Type.String(),
    certificateExpires: time
  }),
  operators: Type.Object({ socket: Type.String() }),
  agentPackage: Type.Optional(Type.String({ description: 'file of the package that new codes name' })),
  store: Type.Object({
    path: Type.String(),
    trouble: Type.Optional(Type.String({ description: 'why it cannot be written' }))
  }),
  cluster: Type.Object({
    version: Type.Optional(Type.String({ description: 'of the Kubernetes API, where it answers' })),
    trouble: Type.Optional(Type.Object({ since: time, reason: Type.String() })),
    credentialExpires: Type.Optional(time),
    clockAhead: Type.Optional(
      Type.Integer({
        description:
          "by how many seconds the clock of this host is ahead of the API server's, behind where it is negative; absent below 30"
      })
    )
  }),
  enrolments: Type.Record(Type.Enum([...states]), Type.Integer(), { description: 'how many are in each state' }),
  alerts: Type.Object(
    { count: Type.Integer(), last: Type.Array(Alert, { description: `at most ${alertsShown}, newest first` }) },
    { description: `of the last ${alertDays} days` }
  ),
  codes: Type.Object({ open: Type.Integer({ description: 'that a machine can still use' }) }),
  refusals: Type.Record(Type.String(), Type.Integer(), {
    description: 'problems answered since the start, to agents and operators, by their code'
  }),
  remedies: Type.Array(Type.String(), { description: 'what is wrong and what to do; empty when all is well' })
})
export type Status = Static<typeof Status>
