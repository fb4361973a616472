import type { NoticeKind } from '../words/notice-kinds.ts'
import type { LeafField } from './leaf-fields.ts'

/** Names of an event outside of its timeline. One that it does not have is absent. */
interface Called {
  /** Fields of its leaf in the audit log, beside who, what and when. `none`: it has no leaf. */
  leaf: readonly LeafField[] | 'none'
  /** An entry of the event may be an alert, and the event is a value of the metrics' label `event`. */
  alerts?: true
  /** The event is a decision, and `joinery_operator_decisions_total` counts it where an operator made it. */
  verb?: true
  /** Kind of its notice to receivers of webhooks. */
  notice?: NoticeKind
  /** Its Event on the Node. */
  node?: NodeEventKind
  /** Its labels of `joinery_csr_decisions_total`. */
  csr?: { signer: 'kubelet-client' | 'kubelet-serving'; verdict: 'approved' | 'left' }
  /** Its label of `joinery_recoveries_total`. */
  recovery?: 'asked' | 'claimed' | 'failed' | 'refused' | 'frozen'
  trace?: InTrace
}

/** Place of an event in the trace of its enrolment. Without a place it is an event of the span that it lies in. */
interface InTrace {
  /** Span of a wait that begins. It may begin with another event before. */
  begins?: Wait
  /** Span of a wait that ends. */
  ends?: Wait
  /** Span of an attempt. `fails`: it ends, and the span says why. */
  attempt?: 'begins' | 'ends' | 'fails'
  /** The event begins the span of a stage that the machine reports. */
  stage?: true
  /** Part of the trace that ends. A part is sent when its end is durable, and never changes afterwards. */
  part?: 'done' | 'failed'
}

/** Reason and type of an Event on a Node, as `kubectl describe node` shows them. */
export interface NodeEventKind {
  reason: 'JoineryReady' | 'JoineryRemoved' | 'JoineryBanned'
  type: 'Normal' | 'Warning'
}

/** Waits of a machine that have a span: for its approval, for its turn to claim, and for its Node to be Ready. */
export const traceWaits = ['approval', 'claim', 'node'] as const
type Wait = (typeof traceWaits)[number]

/** Fields that say which machine it is. */
const machine = ['name', 'role', 'code', 'key'] as const
/** Fields that say which credential the attempt has. */
const credential = [...machine, 'attempt', 'token', 'credentialCsr', 'credentialSerial'] as const
/** Fields that say which certificate the kubelet got. */
const certificate = [...credential, 'csr', 'csrUid', 'serial', 'certificateKey'] as const
const node = [...machine, 'attempt', 'serial', 'node', 'detail'] as const

/**
 * Every event of a timeline, and what it is called in the audit log, in notices, on Nodes, in metrics and in traces. A decision, a
 * credential and an outcome have a leaf. What a machine chats about has none: a leaf stays for ever, and a machine must not make the
 * log grow. A new event does not compile until it stands here.
 */
export const timelineEvents = {
  // codes
  create: { leaf: ['name', 'role', 'uses', 'expires', 'from', 'credential', 'detail'], verb: true },
  revoke: { leaf: ['name', 'role', 'detail'], verb: true },
  used: { leaf: ['name', 'role', 'detail'] },
  quota: { leaf: ['detail'], alerts: true },
  refused: { leaf: 'none' },
  // decisions
  approve: {
    leaf: [...machine, 'address', 'machineId', 'productUuid', 'revision', 'detail'],
    verb: true,
    trace: { ends: 'approval', begins: 'claim' }
  },
  reject: { leaf: [...machine, 'node', 'detail'], verb: true, trace: { attempt: 'ends', part: 'failed' } },
  release: { leaf: [...machine, 'detail'], verb: true, trace: { begins: 'approval' } },
  retry: { leaf: [...machine, 'revision', 'detail'], verb: true, trace: { begins: 'claim' } },
  remove: {
    leaf: [...machine, 'serial', 'node', 'detail'],
    verb: true,
    node: { reason: 'JoineryRemoved', type: 'Normal' },
    trace: { part: 'done' }
  },
  replace: { leaf: [...machine, 'node', 'detail'], verb: true },
  grant: { leaf: [...machine, 'detail'], verb: true },
  'grant-over': { leaf: [...machine, 'detail'] },
  'join-command': { leaf: [...credential, 'detail'], verb: true },
  restore: { leaf: [...machine, 'detail'], alerts: true, notice: 'pending', trace: { begins: 'approval' } },
  // the machine
  enrol: {
    leaf: [...machine, 'address', 'machineId', 'productUuid'],
    notice: 'pending',
    trace: { begins: 'approval' }
  },
  // what a machine became is in the leaf of its approval
  'evidence-changed': { leaf: 'none', notice: 'pending', trace: { begins: 'approval' } },
  conflict: { leaf: [...machine, 'otherKey', 'address', 'detail'], alerts: true },
  expire: { leaf: [...machine, 'detail'], trace: { attempt: 'ends', part: 'failed' } },
  progress: { leaf: 'none', trace: { stage: true } },
  'clock-set': { leaf: 'none' },
  // credentials
  claim: { leaf: [...credential], trace: { ends: 'claim', attempt: 'begins' } },
  'credential-issued': { leaf: [...credential, 'detail'] },
  'csr-seen': { leaf: 'none' },
  'csr-approved': { leaf: [...certificate], csr: { signer: 'kubelet-client', verdict: 'approved' } },
  'csr-left': { leaf: [...credential, 'detail'], csr: { signer: 'kubelet-client', verdict: 'left' } },
  'certificate-issued': { leaf: [...certificate, 'detail'] },
  'certificate-lost': { leaf: [...certificate, 'detail'], alerts: true },
  'serving-csr-approved': { leaf: [...machine, 'detail'], csr: { signer: 'kubelet-serving', verdict: 'approved' } },
  'serving-csr-left': { leaf: 'none', csr: { signer: 'kubelet-serving', verdict: 'left' } },
  // outcomes
  register: { leaf: [...certificate, 'node'], trace: { begins: 'node' } },
  'agent-ready': { leaf: [...certificate] },
  'become-ready': {
    leaf: [...certificate, 'node', 'confirmed', 'detail'],
    alerts: true,
    notice: 'ready',
    node: { reason: 'JoineryReady', type: 'Normal' },
    trace: { ends: 'node', attempt: 'ends', part: 'done' }
  },
  fail: { leaf: [...credential, 'failedBy'], trace: { begins: 'claim', attempt: 'fails' } },
  'give-up': {
    leaf: [...credential, 'failedBy'],
    alerts: true,
    notice: 'failed',
    trace: { attempt: 'fails', part: 'failed' }
  },
  labelled: { leaf: 'none' },
  'labels-refused': { leaf: 'none', alerts: true },
  'in-service': { leaf: [...machine, 'node'], notice: 'in-service', trace: { part: 'done' } },
  'not-in-service': { leaf: 'none' },
  'taint-put-back': { leaf: 'none' },
  'node-condition': { leaf: 'none' },
  cause: { leaf: 'none' },
  'node-deleted': { leaf: node },
  'unwanted-node': { leaf: node, alerts: true, node: { reason: 'JoineryBanned', type: 'Warning' } },
  banned: { leaf: [...machine, 'detail'], node: { reason: 'JoineryBanned', type: 'Warning' } },
  pruned: { leaf: [...machine, 'detail'] },
  // the way back
  recover: {
    leaf: [...machine, 'address', 'machineId'],
    notice: 'recovering',
    recovery: 'asked',
    trace: { begins: 'approval' }
  },
  'recovery-refused': { leaf: [...machine, 'address'], alerts: true, recovery: 'refused' },
  'recovery-frozen': { leaf: [...machine, 'address', 'machineId'], alerts: true, recovery: 'frozen' },
  'claim-recovery': { leaf: [...credential], recovery: 'claimed', trace: { ends: 'claim', attempt: 'begins' } },
  'recovery-interrupted': { leaf: [...credential, 'detail'] },
  'end-recovery': {
    leaf: [...credential, 'failedBy'],
    alerts: true,
    recovery: 'failed',
    trace: { attempt: 'ends', part: 'failed' }
  },
  'other-credential': { leaf: [...certificate, 'detail'], alerts: true },
  // the policy: what it decided is in the leaf of the decision
  'policy-loaded': { leaf: ['detail'] },
  'policy-refused': { leaf: ['detail'], alerts: true },
  'policy-failed': { leaf: ['detail'], alerts: true },
  'would-approve': { leaf: 'none' },
  'would-reject': { leaf: 'none' },
  approved: { leaf: 'none' },
  // names that Joinery did not give
  'unknown-node': { leaf: ['detail'], alerts: true },
  'other-machine': { leaf: ['detail'], alerts: true },
  returned: { leaf: [...machine, 'detail'], alerts: true },
  'outside-certificate': { leaf: [...machine, 'detail'], alerts: true },
  'first-look': { leaf: ['detail'] },
  // the store
  'older-store': { leaf: ['detail'], alerts: true },
  'new-store': { leaf: ['detail'], alerts: true },
  'generation-unreadable': { leaf: ['detail'], alerts: true },
  'log-edited': { leaf: ['detail'], alerts: true },
  'settled-often': { leaf: ['detail'], alerts: true },
  'later-known': { leaf: ['detail'], alerts: true },
  'unknown-pin': { leaf: ['detail'], alerts: true },
  'receiver-ahead': { leaf: ['detail'], alerts: true },
  'endpoint-changed': { leaf: ['detail'], alerts: true },
  'longest-certificate': { leaf: 'none' },
  'audit-ahead': { leaf: ['detail'], alerts: true },
  'audit-lost': { leaf: ['detail'], alerts: true },
  'audit-key': { leaf: ['detail'], alerts: true }
} as const satisfies Record<string, Called>
export type TimelineEvent = keyof typeof timelineEvents

/** Events whose row has this name. */
type EventWith<Name extends keyof Called> = {
  [Event in TimelineEvent]: (typeof timelineEvents)[Event] extends Record<Name, unknown> ? Event : never
}[TimelineEvent]

/** calledOf gives the names of an event. It gives undefined for an event of a newer server. */
export const calledOf = (event: string): Readonly<Called> | undefined =>
  Object.hasOwn(timelineEvents, event) ? timelineEvents[event as TimelineEvent] : undefined

const withName = <Name extends keyof Called>(name: Name): EventWith<Name>[] =>
  (Object.keys(timelineEvents) as TimelineEvent[])
    .filter((event) => name in timelineEvents[event])
    .sort() as EventWith<Name>[]

/** Events that may be alerts, by the alphabet. */
export const alertEvents = withName('alerts')

/** Decisions of operators, by the alphabet. */
export const operatorVerbs = withName('verb')
export type OperatorVerb = EventWith<'verb'>
