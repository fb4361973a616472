import Type, { type Static } from 'typebox'
import { type SeenState, states } from '../enrolment.ts'
import { keyAlgorithms } from '../machine/key-algorithm.ts'
import { Check, Facts, fingerprintOf, Observation, PreflightPolicy } from '../machine/machine.ts'
import { imagesAtMost, PrefetchImage } from '../machine/prefetch.ts'
import { Taints } from '../words/labels-and-taints.ts'

const strict = { additionalProperties: false }

export const roles = ['worker', 'control-plane'] as const
export type Role = (typeof roles)[number]

/** Length limit of a sealed grant, in characters: about ten files of a few kilobytes, encrypted and in base64. */
export const sealedLimit = 65_536

/**
 * The kinds of credential that a code can get a machine: a bootstrap token, or a client certificate for its join key.
 */
export const credentialKinds = ['token', 'certificate'] as const
export type CredentialKind = (typeof credentialKinds)[number]

/** `POST /v1/enrolments`. `name` is what the machine asks for; the server decides. */
export const EnrolRequest = Type.Object(
  {
    code: Type.String({ maxLength: 64 }),
    name: Type.String({ maxLength: 1024 }),
    facts: Facts,
    preflight: Type.Array(Check, { maxItems: 100 }),
    joinKey: Observation.properties.joinKey,
    sealKey: Observation.properties.sealKey
  },
  strict
)
export type EnrolRequest = Static<typeof EnrolRequest>

/** `PUT /v1/enrolment/observation`. */
export const ObservationRequest = Observation
export type ObservationRequest = Observation

/**
 * States of the way back, while the enrolment is `recovering`. `waiting`: an operator has to decide. `approved`: the machine may
 * claim a certificate.
 */
export const ownRecoveryStates = ['waiting', 'approved'] as const

/** The enrolment as its own agent is told of it. `message` says what the enrolment waits for, in words for a person. */
export const OwnEnrolment = Type.Object({
  id: Type.String(),
  revision: Type.Integer(),
  state: Type.Enum([...states]),
  name: Type.String(),
  role: Type.Enum([...roles]),
  attempt: Type.Integer({ description: 'number of attempts begun so far; the current one during a join' }),
  message: Type.String(),
  policy: Type.Optional(PreflightPolicy),
  credential: Type.Optional(
    Type.Enum([...credentialKinds], { description: 'credential kind that a claim gets; a token if absent' })
  ),
  granted: Type.Optional(
    Type.Boolean({ description: 'true if the claim of a control plane gets the keys of the cluster' })
  ),
  recovery: Type.Optional(
    Type.Object(
      { state: Type.Enum([...ownRecoveryStates]) },
      { description: 'way back of the machine; only an enrolment that is recovering has it' }
    )
  )
})
export type OwnEnrolment = Static<typeof OwnEnrolment>

/** An `OwnEnrolment` as an agent reads it: a newer server may have a state that the agent does not know. */
export type SeenEnrolment = Omit<OwnEnrolment, 'state'> & { state: SeenState }

/**
 * `GET /v1/enrolment` waits up to `wait` seconds for a revision newer than `after`. The answer is 204 if none comes.
 */
export const WaitQuery = Type.Object(
  {
    after: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' })),
    wait: Type.Optional(Type.String({ pattern: '^[0-9]{1,2}$' }))
  },
  strict
)
export type WaitQuery = Static<typeof WaitQuery>

/**
 * The part of the kubelet's configuration that preflight needs, as ConfigMap kube-system/kubelet-config has it.
 * kubeadm gives that configuration to each machine that joins. If a field is absent there, it is absent here, and the
 * kubelet's default holds.
 */
export const KubeletFacts = Type.Object({
  failSwapOn: Type.Optional(
    Type.Boolean({ description: 'whether the kubelet refuses to start if swap is on; true if absent' })
  ),
  swapBehavior: Type.Optional(Type.Enum(['NoSwap', 'LimitedSwap'], { description: 'memorySwap.swapBehavior' })),
  cgroupDriver: Type.Optional(Type.Enum(['systemd', 'cgroupfs'])),
  serverTLSBootstrap: Type.Optional(Type.Boolean()),
  rotateCertificates: Type.Optional(Type.Boolean()),
  userNamespaces: Type.Optional(Type.Boolean({ description: 'featureGates.UserNamespacesSupport' })),
  clientCertificateKeyAlgorithm: Type.Optional(Type.Enum([...keyAlgorithms])),
  serverCertificateKeyAlgorithm: Type.Optional(Type.Enum([...keyAlgorithms])),
  idsPerPod: Type.Optional(Type.Integer({ description: 'userNamespaces.idsPerPod' })),
  maxPods: Type.Optional(Type.Integer())
})
export type KubeletFacts = Static<typeof KubeletFacts>

/** The modes of kube-proxy on Linux. */
export const kubeProxyModes = ['iptables', 'ipvs', 'nftables'] as const
export type KubeProxyMode = (typeof kubeProxyModes)[number]

/**
 * `GET /v1/cluster`: what an enrolled machine needs to know of its cluster before it joins. Networks are CIDRs,
 * control planes are host:port of their API servers, and `time` is the server's clock.
 */
export const ClusterFacts = Type.Object({
  version: Type.String({ description: 'version of the API server, such as v1.37.2' }),
  podSubnets: Type.Array(Type.String()),
  serviceSubnets: Type.Array(Type.String()),
  controlPlanes: Type.Array(Type.String()),
  etcd: Type.Optional(Type.Enum(['stacked', 'external'], { description: 'value from kubeadm-config' })),
  controlPlaneEndpoint: Type.Optional(Type.String({ description: 'host:port from kubeadm-config' })),
  imageRepository: Type.Optional(
    Type.String({ maxLength: 256, description: "value from kubeadm-config; kubeadm's default if absent" })
  ),
  kubelet: Type.Optional(KubeletFacts),
  kubeProxyMode: Type.Optional(
    Type.Enum([...kubeProxyModes], {
      description: 'mode from the ConfigMap kube-system/kube-proxy; absent if there is no such ConfigMap'
    })
  ),
  prefetch: Type.Optional(
    Type.Array(PrefetchImage, {
      maxItems: imagesAtMost,
      description: 'images that a new node runs, for a machine that waits and whose code allows it; likely needed first'
    })
  ),
  time: Type.String({ format: 'date-time' })
})
export type ClusterFacts = Static<typeof ClusterFacts>

/**
 * TCP ports on which the control plane connects to a machine. Every machine has the kubelet's API. A control plane
 * also has its API server. A control plane with etcd beside it also has etcd's ports, for clients and for other
 * members. The server dials no other port.
 */
export const dialBackPorts = { kubelet: [10250], 'kube-apiserver': [6443], etcd: [2379, 2380] } as const
export const dialledPorts = Object.values(dialBackPorts).flat()

/**
 * `POST /v1/enrolment/reachability`: the server connects to these ports, at the address where it sees the machine.
 * The agent answers there for a moment. The server says what came of it.
 */
export const ReachabilityRequest = Type.Object(
  {
    ports: Type.Array(Type.Integer({ enum: dialledPorts }), { minItems: 1, maxItems: 4, uniqueItems: true }),
    nonce: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'random value that only the listener knows' })
  },
  strict
)
export type ReachabilityRequest = Static<typeof ReachabilityRequest>

export const reaches = ['open', 'refused', 'no-answer', 'behind-nat'] as const
export type Reach = (typeof reaches)[number]

export const Reachability = Type.Object({
  address: Type.String({ description: 'address at which the server sees the machine, and which it dialled' }),
  ports: Type.Array(Type.Object({ port: Type.Integer(), reach: Type.Enum([...reaches]) }))
})
export type Reachability = Static<typeof Reachability>

/** Length limit of a PKCS#10 request, in characters: one by an ML-DSA-87 key has 9,995, and a long name takes 350 more. */
export const longestRequest = 12_288

/**
 * `POST /v1/enrolment/claim`. `request`, for a certificate, is a PKCS#10 request in PEM by the enrolled join key, for
 * `CN=system:node:NAME, O=system:nodes` of the approved name and nothing else. `preflight` is what the machine found
 * at most `preflightLasts` before, by its monotonic clock. Older agents do not send it: the server judges them by
 * their last report. If preflight fails, the server refuses the claim with `preflight-failed`.
 */
export const ClaimRequest = Type.Object(
  {
    request: Type.Optional(Type.String({ maxLength: longestRequest })),
    preflight: Type.Optional(Type.Array(Check, { maxItems: 100 }))
  },
  strict
)
export type ClaimRequest = Static<typeof ClaimRequest>

/** Age up to which a preflight report is good enough for a claim, in milliseconds. */
export const preflightLasts = 120_000

const forOneAttempt = {
  attempt: Type.Integer(),
  nodeName: Type.String(),
  server: Type.String({ description: 'URL of the Kubernetes API server' }),
  certificateAuthority: Type.String({ description: 'PEM of the cluster CA' }),
  expires: Type.String({ format: 'date-time' }),
  taints: Type.Optional(Taints),
  sealed: Type.Optional(
    Type.String({
      maxLength: sealedLimit,
      description: 'keys of the cluster, sealed to the seal key; only for a control plane'
    })
  )
}

export const TokenCredential = Type.Object({
  ...forOneAttempt,
  token: Type.String({ description: 'bootstrap token, as id.secret' })
})
export type TokenCredential = Static<typeof TokenCredential>

export const CertificateCredential = Type.Object({
  ...forOneAttempt,
  certificate: Type.String({ description: 'PEM of the client certificate for the join key' })
})
export type CertificateCredential = Static<typeof CertificateCredential>

/** Everything that `kubeadm join` needs, good for one attempt: a token or a certificate. Never logged, never stored. */
export const Credential = Type.Union([TokenCredential, CertificateCredential])
export type Credential = Static<typeof Credential>

const Stage = Type.String({ maxLength: 256 })

/** Stage lines of one report, at most: a control plane has 20. */
export const stagesAtMost = 20

/** `POST /v1/enrolment/progress`: the last stage line that kubeadm printed, in this attempt. */
export const ProgressRequest = Type.Object(
  {
    attempt: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    stage: Stage,
    before: Type.Optional(
      Type.Array(Stage, {
        maxItems: stagesAtMost - 1,
        description: 'Lines that it printed before that one, and since the last report.'
      })
    )
  },
  strict
)
export type ProgressRequest = Static<typeof ProgressRequest>

export const failureClasses = ['transient', 'credential', 'machine', 'cluster'] as const
export type FailureClass = (typeof failureClasses)[number]

/** The kubelet's client certificate as the machine holds it. */
export const KubeletCertificate = Type.Object(
  {
    fingerprint: fingerprintOf('its public key'),
    serial: Type.String({ pattern: '^[0-9A-Fa-f]{1,40}$' })
  },
  strict
)
export type KubeletCertificate = Static<typeof KubeletCertificate>

/** Limits of the last lines of an agent: of each in characters, of their number, and of their age in seconds. */
export const agentLineLimit = 200
export const agentLinesAtMost = 20
export const agentLineAge = 31 * 24 * 3600

/** A line that the agent said about itself. `ago`: seconds from the line to the report. */
export const AgentLine = Type.Object(
  {
    ago: Type.Integer({ minimum: 0, maximum: agentLineAge }),
    line: Type.String({ maxLength: agentLineLimit })
  },
  strict
)
export type AgentLine = Static<typeof AgentLine>

/**
 * `POST /v1/enrolment/outcome`. An agent reports `failed` only after it closed the attempt on the machine.
 * `certificate` is there if the kubelet holds one all the same. The answer to `ready` is 200, or 202 if the cluster
 * could not confirm it yet. Both are durable, and the agent may exit.
 */
export const OutcomeRequest = Type.Union([
  Type.Object({ outcome: Type.Literal('ready'), certificate: KubeletCertificate }, strict),
  Type.Object(
    {
      outcome: Type.Literal('failed'),
      attempt: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
      class: Type.Enum([...failureClasses]),
      stage: Type.String({ maxLength: 256 }),
      cause: Type.Optional(Type.String({ maxLength: 512, description: 'cause in plain words' })),
      remedy: Type.Optional(
        Type.Array(Type.String({ maxLength: 256 }), { maxItems: 4, description: 'commands, in order' })
      ),
      output: Type.Array(Type.String({ maxLength: 512 }), { maxItems: 20 }),
      said: Type.Optional(
        Type.Array(AgentLine, { maxItems: agentLinesAtMost, description: 'last lines of the agent, the oldest first' })
      ),
      certificate: Type.Optional(KubeletCertificate)
    },
    strict
  )
])
export type OutcomeRequest = Static<typeof OutcomeRequest>
