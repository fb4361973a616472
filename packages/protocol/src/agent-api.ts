import Type, { type Static } from 'typebox'
import { states } from './enrolment.ts'
import { Check, Facts, Observation, PreflightPolicy } from './machine.ts'

const strict = { additionalProperties: false }

export const roles = ['worker'] as const
export type Role = (typeof roles)[number]

/** `POST /v1/enrolments`. `name` is what the machine asks for; the server decides. */
export const EnrolRequest = Type.Object(
  {
    code: Type.String({ maxLength: 64 }),
    name: Type.String({ maxLength: 1024 }),
    facts: Facts,
    preflight: Type.Array(Check, { maxItems: 100 })
  },
  strict
)
export type EnrolRequest = Static<typeof EnrolRequest>

/** `PUT /v1/enrolment/observation`. */
export const ObservationRequest = Observation
export type ObservationRequest = Observation

/** What an agent is told of its own enrolment. `message` says what it waits for, in words for a person. */
export const OwnEnrolment = Type.Object({
  id: Type.String(),
  revision: Type.Integer(),
  state: Type.Enum([...states]),
  name: Type.String(),
  role: Type.Enum([...roles]),
  attempt: Type.Integer({ description: 'attempts begun so far; the present one while joining' }),
  message: Type.String(),
  policy: Type.Optional(PreflightPolicy)
})
export type OwnEnrolment = Static<typeof OwnEnrolment>

/** `GET /v1/enrolment`: waits up to `wait` seconds for a revision newer than `after`; 204 where none comes. */
export const WaitQuery = Type.Object(
  {
    after: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' })),
    wait: Type.Optional(Type.String({ pattern: '^[0-9]{1,2}$' }))
  },
  strict
)
export type WaitQuery = Static<typeof WaitQuery>

/**
 * `GET /v1/cluster`: what a machine that enrolled needs to know of its cluster before it joins. Networks are CIDRs,
 * control planes host:port of their API servers; `time` is the server's clock.
 */
export const ClusterFacts = Type.Object({
  version: Type.String({ description: 'of the API server, as v1.37.2' }),
  podSubnets: Type.Array(Type.String()),
  serviceSubnets: Type.Array(Type.String()),
  controlPlanes: Type.Array(Type.String()),
  time: Type.String({ format: 'date-time' })
})
export type ClusterFacts = Static<typeof ClusterFacts>

/** That the control plane needs of a node: the kubelet's API. The server dials no other. */
export const dialBackPorts = [10250] as const

/**
 * `POST /v1/enrolment/reachability`: the server connects to these ports of the address that it sees, where the agent
 * answers for a moment, and says what came of it.
 */
export const ReachabilityRequest = Type.Object(
  {
    ports: Type.Array(Type.Integer({ enum: [...dialBackPorts] }), { minItems: 1, maxItems: 4, uniqueItems: true }),
    nonce: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'known to the listener alone' })
  },
  strict
)
export type ReachabilityRequest = Static<typeof ReachabilityRequest>

export const reaches = ['open', 'refused', 'no-answer', 'behind-nat'] as const
export type Reach = (typeof reaches)[number]

export const Reachability = Type.Object({
  address: Type.String({ description: 'that the server sees, and dialled' }),
  ports: Type.Array(Type.Object({ port: Type.Integer(), reach: Type.Enum([...reaches]) }))
})
export type Reachability = Static<typeof Reachability>

/** `POST /v1/enrolment/claim`: all that `kubeadm join` needs, good for one attempt. Never logged, never stored. */
export const Credential = Type.Object({
  attempt: Type.Integer(),
  nodeName: Type.String(),
  server: Type.String({ description: 'URL of the Kubernetes API server' }),
  certificateAuthority: Type.String({ description: 'PEM of the cluster CA' }),
  token: Type.String({ description: 'bootstrap token id.secret' }),
  expires: Type.String({ format: 'date-time' })
})
export type Credential = Static<typeof Credential>

/** `POST /v1/enrolment/progress`: a stage line that kubeadm printed, in this attempt. */
export const ProgressRequest = Type.Object(
  { attempt: Type.Integer({ minimum: 1 }), stage: Type.String({ maxLength: 256 }) },
  strict
)
export type ProgressRequest = Static<typeof ProgressRequest>

export const failureClasses = ['transient', 'credential', 'machine', 'cluster'] as const
export type FailureClass = (typeof failureClasses)[number]

/** The kubelet's client certificate as the machine holds it. */
export const KubeletCertificate = Type.Object(
  {
    fingerprint: Type.String({ pattern: '^sha256:[0-9a-f]{64}$', description: 'of its public key' }),
    serial: Type.String({ pattern: '^[0-9A-Fa-f]{1,40}$' })
  },
  strict
)
export type KubeletCertificate = Static<typeof KubeletCertificate>

/** `POST /v1/enrolment/outcome`. Failed: only after the attempt was closed on the machine. Ready: 200, or 202 when the
 * cluster could not confirm it yet; both are durable, and the agent may exit. */
export const OutcomeRequest = Type.Union([
  Type.Object({ outcome: Type.Literal('ready'), certificate: KubeletCertificate }, strict),
  Type.Object(
    {
      outcome: Type.Literal('failed'),
      attempt: Type.Integer({ minimum: 1 }),
      class: Type.Enum([...failureClasses]),
      stage: Type.String({ maxLength: 256 }),
      cause: Type.Optional(Type.String({ maxLength: 512, description: 'what went wrong, in plain words' })),
      remedy: Type.Optional(
        Type.Array(Type.String({ maxLength: 256 }), { maxItems: 4, description: 'commands, in their order' })
      ),
      output: Type.Array(Type.String({ maxLength: 512 }), { maxItems: 20 })
    },
    strict
  )
])
export type OutcomeRequest = Static<typeof OutcomeRequest>
