import Type, { type Static } from 'typebox'
import { states } from '../enrolment.ts'
import { LeadershipStatus, LogStatus, ServerStatus } from '../words/server-status.ts'
import { WebhookCounts } from './webhooks.ts'

const time = Type.String({ format: 'date-time' })

/** Something happened that must not happen. It is told once, and nobody has to confirm it. */
export const Alert = Type.Object({
  at: time,
  subject: Type.String({ description: 'enrolment/NAME, code/ID, node/NAME, policy/PART or store' }),
  event: Type.String(),
  detail: Type.String(),
  next: Type.String({ description: 'command that shows more' })
})
export type Alert = Static<typeof Alert>

/** Number of days for which the status shows an alert. The alert stays in its timeline. */
export const alertDays = 7

/** Largest number of alerts that the status shows. */
export const alertsShown = 10

/** Machines between their claim and Ready, and those that wait for their turn to claim. */
export const JoinCounts = Type.Object({
  now: Type.Integer({ description: 'number of machines that join' }),
  atMost: Type.Integer({
    description: 'number that may join at once now; lower while the API server has too much to do'
  }),
  joinsAtOnce: Type.Integer({ description: 'number from the configuration' }),
  waiting: Type.Integer({ description: 'number of approved machines that wait for their turn' })
})
export type JoinCounts = Static<typeof JoinCounts>

/** The approval policy that the server decides by. */
export const PolicyStatus = Type.Object({
  file: Type.String(),
  mode: Type.Optional(
    Type.Enum(['off', 'warn', 'enforce'], { description: 'mode of the policy that counts; absent if none does' })
  ),
  hash: Type.Optional(
    Type.String({ description: 'SHA-256 of the policy with its inventories, as the timeline has it' })
  ),
  rules: Type.Array(
    Type.Object({
      name: Type.String(),
      verdict: Type.Enum(['approve', 'hold', 'reject']),
      quota: Type.Optional(Type.Integer({ description: 'machines that the rule may approve in an hour' })),
      approved: Type.Optional(Type.Integer({ description: 'machines of this hour that count against the quota' })),
      needsProof: Type.Optional(
        Type.Literal(true, {
          description: 'the rule asks about the code, so it approves only machines whose code is proof'
        })
      ),
      withoutProof: Type.Optional(
        Type.Integer({ description: 'machines that wait, for the rule holds, and their code is no proof' })
      )
    })
  ),
  trouble: Type.Optional(
    Type.Array(Type.String(), { description: 'reasons why the file as it is now does not count; absent if it does' })
  )
})
export type PolicyStatus = Static<typeof PolicyStatus>

/** Most names of machines that the status shows as not told of the next pin. */
export const untoldShown = 16

/** `GET /v1/status`: how the pairing server is now. The server asks store and cluster for it, and remembers nothing. */
export const Status = Type.Object({
  version: Type.String(),
  offers: Type.Optional(
    Type.Array(Type.String(), {
      description:
        'what this server can do beside its routes; `dry-run`: it heeds `dryRun` in the query of a decision; `states`: it lists several states at once'
    })
  ),
  started: time,
  agents: Type.Object({
    listen: Type.String({ description: 'address:port from the configuration' }),
    url: Type.String({ description: 'URL at which machines reach the listener' }),
    pin: Type.String(),
    nextPin: Type.Optional(Type.String({ description: 'pin of the CA that comes next; absent if none does' })),
    untold: Type.Optional(
      Type.Object(
        {
          waiting: Type.Integer({ description: 'number of machines that are on their way' }),
          count: Type.Integer({ description: 'number of those that have not said that they keep the next pin' }),
          names: Type.Array(Type.String(), { description: `names of such machines, at most ${untoldShown}` })
        },
        { description: 'machines that may not know the next pin; absent if there is none' }
      )
    ),
    certificateExpires: time
  }),
  operators: Type.Object({ socket: Type.String() }),
  agentPackage: Type.Optional(Type.String({ description: 'file of the agent package that new codes name' })),
  store: Type.Object({
    path: Type.String(),
    trouble: Type.Optional(Type.String({ description: 'reason why the store cannot be written' }))
  }),
  cluster: Type.Object({
    version: Type.Optional(Type.String({ description: 'version of the Kubernetes API, if it answers' })),
    trouble: Type.Optional(Type.Object({ since: time, reason: Type.String() })),
    credentialExpires: Type.Optional(time),
    clockAhead: Type.Optional(
      Type.Integer({
        description:
          "seconds by which the clock of this host is ahead of the API server's; negative if behind, absent below 30"
      })
    )
  }),
  enrolments: Type.Record(Type.Enum([...states]), Type.Integer(), {
    description: 'number of enrolments in each state'
  }),
  joins: Type.Optional(JoinCounts),
  alerts: Type.Object(
    { count: Type.Integer(), last: Type.Array(Alert, { description: `at most ${alertsShown}, newest first` }) },
    { description: `alerts of the last ${alertDays} days` }
  ),
  webhooks: Type.Optional(
    Type.Array(WebhookCounts, { description: 'receivers of notices; absent if none is configured' })
  ),
  audit: Type.Optional(
    Type.Object(
      {
        log: Type.String(),
        size: Type.Integer({ description: 'number of leaves in its folder' }),
        waiting: Type.Integer({ description: 'leaves that are durable, and not in the folder yet' }),
        key: Type.String({ description: 'public key of the logs of this server' }),
        trouble: Type.Optional(Type.String({ description: 'reason why the folder cannot be written' }))
      },
      { description: 'the audit log that this server writes' }
    )
  ),
  policy: Type.Optional(PolicyStatus),
  leadership: Type.Optional(LeadershipStatus),
  servers: Type.Optional(
    Type.Array(ServerStatus, {
      description: 'servers of this installation, the active one first; absent with `store: file`'
    })
  ),
  log: Type.Optional(LogStatus),
  codes: Type.Object({ open: Type.Integer({ description: 'number of codes that a machine can still use' }) }),
  refusals: Type.Record(Type.String(), Type.Integer(), {
    description: 'number of problems answered to agents and operators since the start, by code'
  }),
  remedies: Type.Array(Type.String(), { description: 'each thing that is wrong, with a remedy; empty if all is well' })
})
export type Status = Static<typeof Status>
