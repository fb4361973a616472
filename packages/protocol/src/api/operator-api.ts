import Type, { type Static } from 'typebox'
import { states } from '../enrolment.ts'
import { FirstCause } from '../machine/cause.ts'
import { Check, Facts, fingerprintOf, Observation, PreflightPolicy } from '../machine/machine.ts'
import { Gates } from '../words/gates.ts'
import { Labels, Taints } from '../words/labels-and-taints.ts'
import { FurtherServers } from '../words/servers.ts'
import { ClusterFacts, credentialKinds, roles } from './agent-api.ts'
import { codeStatuses, ListMetadata } from './lists.ts'
import { RecoverPolicy, Recovery } from './recovery-api.ts'

const time = Type.String({ format: 'date-time' })
const Fingerprint = fingerprintOf('a public key')
const Key = Type.String({
  pattern: '^(sha256:[0-9a-f]{64})?$',
  description: "fingerprint of the agent's key; empty if there is no agent"
})
const CredentialKind = Type.Enum([...credentialKinds])

export const Code = Type.Object({
  id: Type.String(),
  name: Type.Optional(Type.String()),
  role: Type.Enum([...roles]),
  created: time,
  expires: time,
  status: Type.Enum([...codeStatuses], {
    description: '`used`: the code has no uses left; `revoked`: an operator closed it, used or not'
  }),
  uses: Type.Integer({ description: 'number of machines that may use the code' }),
  used: Type.Integer({ description: 'number of machines that have used the code' }),
  enrolment: Type.Optional(
    Type.String({ description: 'id of the enrolment; only a code for one machine has it, once it is used' })
  ),
  from: Type.Optional(Type.Array(Type.String())),
  labels: Type.Optional(Labels),
  taints: Type.Optional(Taints),
  readyWhen: Type.Optional(Gates),
  policy: Type.Optional(PreflightPolicy),
  credential: CredentialKind,
  prefetch: Type.Optional(
    Type.Boolean({ description: 'whether a machine that waits is told which images the nodes run, and pulls them' })
  ),
  recover: Type.Optional(RecoverPolicy),
  proof: Type.Optional(
    Type.Boolean({ description: 'whether the approval policy may rest on the code: whoever made it may approve' })
  )
})
export type Code = Static<typeof Code>

/** Everything that a machine needs to find and trust this server. It goes into the machine's user-data. */
export const Install = Type.Object({
  server: Type.String({ description: 'https URL of the agents listener' }),
  servers: Type.Optional(FurtherServers),
  pin: Fingerprint,
  nextPin: Type.Optional(fingerprintOf('CA key that the server has next; absent if it stays')),
  certificateAuthority: Type.String({ description: 'PEM of the pairing server CA, and of the one that comes next' }),
  apiEndpoint: Type.String({ description: 'host:port of the Kubernetes API, for preflight' }),
  package: Type.Optional(
    Type.Object(
      { sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }), size: Type.Integer() },
      { description: 'agent package for the machine' }
    )
  )
})
export type Install = Static<typeof Install>

/** A code that was just made. No other answer holds the code itself. */
export const NewCode = Type.Object({
  code: Type.String(),
  ...Code.properties,
  install: Install,
  warnings: Type.Optional(
    Type.Array(Type.String(), {
      description: 'warnings about probable mistakes, one sentence each; absent if there are none'
    })
  )
})
export type NewCode = Static<typeof NewCode>

/** One entry in the timeline of a machine or of its code: who did what, and when. */
export const TimelineEntry = Type.Object({
  at: time,
  actor: Type.String({ description: 'author of the event: operator, policy, agent, server or cluster' }),
  by: Type.Optional(
    Type.String({
      description:
        'name of the operator: as their command on the host states it, such as alice (uid 1000), or that of the Kubernetes user'
    })
  ),
  decision: Type.Optional(
    Type.String({
      description: 'uid of the Decision by which a Kubernetes user decided; absent if it came over the socket'
    })
  ),
  event: Type.String(),
  detail: Type.String(),
  alert: Type.Boolean(),
  count: Type.Optional(
    Type.Integer({ description: 'number of times that the event came, if more than one; `at` is the first time' })
  ),
  last: Type.Optional(Type.String({ format: 'date-time', description: 'last time of a repeated event' }))
})
export type TimelineEntry = Static<typeof TimelineEntry>

/** A machine that used a code, as its enrolment is now. */
export const CodeUser = Type.Object({
  enrolment: Type.String(),
  name: Type.String(),
  state: Type.Enum([...states]),
  key: Fingerprint
})
export type CodeUser = Static<typeof CodeUser>

export const CodeDetail = Type.Object({
  ...Code.properties,
  users: Type.Array(CodeUser),
  timeline: Type.Array(TimelineEntry)
})
export type CodeDetail = Static<typeof CodeDetail>

/** Another key that presented the code of this enrolment. */
export const Conflict = Type.Object({
  key: Fingerprint,
  address: Type.String(),
  at: time,
  facts: Facts,
  joinKey: Type.Optional(Fingerprint),
  sealKey: Observation.properties.sealKey
})
export type Conflict = Static<typeof Conflict>

/** The evidence that an approval was of. It stays as it was, whatever the machine says later. */
export const ApprovedEvidence = Type.Object({
  at: time,
  revision: Type.Integer({ description: 'revision that the operator saw' }),
  key: Fingerprint,
  name: Type.String(),
  address: Type.String({ description: 'address at which the server saw the machine' }),
  facts: Facts,
  preflight: Type.Array(Check, { description: 'checks that did not pass' })
})
export type ApprovedEvidence = Static<typeof ApprovedEvidence>

/** The approval that a settling took back: it is why the machine waits again. It holds for the key that the enrolment has. */
export const Restored = Type.Object({
  at: time,
  by: Type.String({ description: 'who had approved: a name, or operator, policy, unknown' }),
  revision: Type.Integer({ description: 'revision that was approved' }),
  changed: Type.Array(Type.String(), { description: 'name, key, address and facts that are not what was approved' })
})
export type Restored = Static<typeof Restored>

/** The Node as the cluster shows it. It is shown beside the enrolment's state, and is never a state. */
export const NodeStatus = Type.Object({
  uid: Type.String(),
  registered: time,
  condition: Type.Enum(['Ready', 'NotReady', 'Unknown', 'Gone']),
  message: Type.String(),
  ready: Type.Optional(time)
})
export type NodeStatus = Static<typeof NodeStatus>

/** A Pod that is bound to a Node's name. */
export const BoundPod = Type.Object({
  namespace: Type.String(),
  name: Type.String(),
  controller: Type.String({ description: 'kind of the controller, such as DaemonSet; empty if there is none' })
})
export type BoundPod = Static<typeof BoundPod>

/** Everything that uses the name of an enrolment in the cluster now, whoever let it in. */
export const NameHolder = Type.Object({
  node: Type.Optional(
    Type.Object({
      uid: Type.String(),
      created: time,
      condition: Type.Enum(['Ready', 'NotReady', 'Unknown']),
      message: Type.String({ description: 'reason why the Node is not Ready' }),
      labels: Labels,
      taints: Taints
    })
  ),
  pods: Type.Array(BoundPod)
})
export type NameHolder = Static<typeof NameHolder>

export const Attempt = Type.Object({
  number: Type.Integer(),
  tokenId: Type.Optional(Type.String({ description: 'id of the bootstrap token, if the credential is a token' })),
  credentialCsr: Type.Optional(
    Type.String({ description: 'name of the CSR with which the server asks for a client certificate' })
  ),
  credentialSerial: Type.Optional(Type.String({ description: 'serial number of that client certificate' })),
  claimed: time,
  deadline: time,
  stage: Type.Optional(Type.String()),
  csr: Type.Optional(Type.String({ description: "name of the kubelet's own CSR" })),
  certificateSerial: Type.Optional(Type.String({ description: "serial number of the kubelet's certificate" })),
  failure: Type.Optional(Type.String()),
  failedBy: Type.Optional(
    Type.Literal('server', {
      description: '`server` if the server found the failure; absent if the machine reported it'
    })
  )
})
export type Attempt = Static<typeof Attempt>

/** A request of the machine's kubelet for its serving certificate. There are some only if the server is set to approve them. */
export const ServingCsr = Type.Object({
  name: Type.String(),
  left: Type.Optional(
    Type.String({ description: 'reason why the server leaves the request pending; absent if it approved the request' })
  )
})
export type ServingCsr = Static<typeof ServingCsr>

export const Enrolment = Type.Object({
  id: Type.String(),
  revision: Type.Integer({
    description: 'revision of the state and the evidence, which an approval covers; the words of a check do not count'
  }),
  state: Type.Enum([...states]),
  message: Type.String({ description: 'the thing that the enrolment waits for, or the reason for its end' }),
  name: Type.String(),
  role: Type.Enum([...roles]),
  code: Type.String(),
  credential: CredentialKind,
  labels: Type.Optional(Labels),
  taints: Type.Optional(Taints),
  readyWhen: Type.Optional(Gates),
  withoutAgent: Type.Optional(
    Type.Boolean({ description: 'true if the machine joins by a join command; code, key, address and facts are empty' })
  ),
  key: Key,
  joinKey: Type.Optional(Fingerprint),
  sealKey: Observation.properties.sealKey,
  granted: Type.Optional(
    Type.String({ format: 'date-time', description: 'time until which a control plane may claim' })
  ),
  address: Type.String({ description: 'address at which the server sees the machine' }),
  created: time,
  codeClosed: Type.Optional(
    Type.String({ format: 'date-time', description: 'time from which another key with the code changes nothing' })
  ),
  keySeen: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'time at which the server first saw the key, if later than `created`'
    })
  ),
  since: time,
  expires: Type.Optional(Type.String({ format: 'date-time', description: 'time at which the state ends by itself' })),
  facts: Facts,
  preflight: Type.Array(Check),
  approved: Type.Optional(ApprovedEvidence),
  restored: Type.Optional(Restored),
  policy: Type.Optional(PreflightPolicy),
  conflicts: Type.Array(Conflict),
  nameConflict: Type.Optional(Type.String({ description: 'holder of the same name, if there is another one' })),
  former: Type.Optional(
    Type.Object(
      { enrolment: Type.String(), certificateExpires: Type.Optional(time) },
      {
        description: 'former machine, whose kubelet may still hold a certificate for the name; the claim lifts its ban'
      }
    )
  ),
  pruned: Type.Optional(
    Type.String({ format: 'date-time', description: 'time from which evidence and timeline are gone' })
  ),
  attempts: Type.Array(Attempt),
  servingCsrs: Type.Optional(Type.Array(ServingCsr)),
  node: Type.Optional(NodeStatus),
  cause: Type.Optional(FirstCause),
  agentReady: Type.Optional(time),
  ready: Type.Optional(time),
  inService: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'time at which the gates of the code held, and the taint was gone'
    })
  ),
  notYet: Type.Optional(
    Type.Array(Type.String(), {
      description: 'what is missing until the Node is in service, a sentence each; absent if nothing is'
    })
  ),
  confirmed: Type.Optional(Type.Boolean({ description: 'true if the agent has confirmed that the Node is Ready' })),
  recover: Type.Optional(RecoverPolicy),
  recovery: Type.Optional(Recovery)
})
export type Enrolment = Static<typeof Enrolment>

/** An enrolment as a line of a table shows it: a list of 25,000 of them is a few megabytes. */
export const EnrolmentRow = Type.Object({
  ...Type.Pick(Enrolment, [
    'id',
    'revision',
    'state',
    'message',
    'name',
    'role',
    'code',
    'credential',
    'labels',
    'withoutAgent',
    'key',
    'address',
    'created',
    'since',
    'expires',
    'nameConflict',
    'node',
    'cause',
    'notYet'
  ]).properties,
  facts: Type.Pick(Facts, ['machineId', 'kubelet', 'os']),
  preflight: Type.Array(Type.Pick(Check, ['name', 'verdict', 'ignored']), { description: 'checks that did not pass' })
})
export type EnrolmentRow = Static<typeof EnrolmentRow>

/** The last lines of an agent, as it reported them with the failure of its newest attempt that failed. */
export const AgentSaid = Type.Object({
  attempt: Type.Integer(),
  lines: Type.Array(
    Type.Object({
      at: Type.String({ format: 'date-time', description: "time by the server's clock" }),
      line: Type.String()
    })
  )
})
export type AgentSaid = Static<typeof AgentSaid>

export const EnrolmentDetail = Type.Object({
  ...Enrolment.properties,
  timeline: Type.Array(TimelineEntry),
  agentSaid: Type.Optional(AgentSaid),
  controlPlanes: Type.Optional(
    Type.Integer({
      description: 'number of control planes in the cluster; only an enrolment of a further control plane has it'
    })
  ),
  etcd: ClusterFacts.properties.etcd
})
export type EnrolmentDetail = Static<typeof EnrolmentDetail>

const metadata = Type.Optional(ListMetadata)
export const CodeList = Type.Object({ items: Type.Array(Code), metadata })
export const EnrolmentList = Type.Object({ items: Type.Array(Enrolment), metadata })
export const EnrolmentRows = Type.Object({ items: Type.Array(EnrolmentRow), metadata })

/** Ways in which `kubeadm join` finds the cluster: by the public `cluster-info`, which the token vouches for, or by a file. */
const discoveries = ['cluster-info', 'file'] as const

/** Everything that `kubeadm join` must be told. No other answer holds the token, and it is stored nowhere in clear. */
export const JoinCommand = Type.Object({
  enrolment: Type.String({ description: 'id of the enrolment' }),
  name: Type.String(),
  role: Type.Enum([...roles]),
  expires: time,
  server: Type.String({ description: 'URL of the Kubernetes API server' }),
  certificateAuthority: Type.String({ description: 'PEM of the cluster CA' }),
  caCertHashes: Type.Array(Fingerprint, { description: 'hash of each certificate in `certificateAuthority`' }),
  discovery: Type.Enum([...discoveries]),
  token: Type.String({ description: 'bootstrap token, as id.secret' })
})
export type JoinCommand = Static<typeof JoinCommand>
