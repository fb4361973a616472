/**
 * Fields of a leaf of the audit log, each with what it is. A field that an event does not have is absent. None is a secret: a token
 * has its id here, and a certificate its serial.
 */
export const leafFields = {
  name: 'name of the Node, or the name or the pattern of names that a code gives',
  role: 'role of the machine: `worker` or `control-plane`',
  code: 'id of the code that the machine used',
  key: "fingerprint of the key of the machine's agent",
  otherKey: 'fingerprint of the other key, if two keys came with one code, or one key with two machines',
  address: 'address at which the server saw the machine',
  machineId: 'machine id, as the machine says it',
  productUuid: 'UUID of the hardware, as the machine says it',
  revision: 'revision that the approval was of',
  attempt: 'number of the attempt',
  token: 'id of the bootstrap token of the attempt',
  credentialCsr: 'name of the CSR by which the server asked for the client certificate of the attempt',
  credentialSerial: 'serial number of that client certificate',
  csr: "name of the kubelet's CSR",
  csrUid: "uid of the kubelet's CSR",
  serial: "serial number of the kubelet's certificate",
  certificateKey: "fingerprint of the key of the kubelet's certificate",
  node: 'uid of the Node',
  confirmed: 'whether the agent confirmed that the Node is Ready',
  failedBy: '`server` if the server ended the attempt, and `machine` if the machine reported the failure',
  uses: 'number of machines that the code is for',
  expires: 'time until which a machine may use the code for the first time',
  from: 'networks from which a machine must come',
  credential: 'credential kind: `token` or `certificate`',
  detail: 'words of the server about the event, or of the operator who decided',
  log: 'origin of the log that this leaf closes, or that was before this one',
  size: 'number of leaves of that log',
  root: 'hash of that log, in base64'
} as const
export type LeafField = keyof typeof leafFields

/** The answer for an event: what its leaf says beside who, what and when, or `none` if it has no leaf. */
type Answer = readonly LeafField[] | 'none'

/** Fields that say which machine it is. */
const machine = ['name', 'role', 'code', 'key'] as const
/** Fields that say which credential the attempt has. */
const credential = [...machine, 'attempt', 'token', 'credentialCsr', 'credentialSerial'] as const
/** Fields that say which certificate the kubelet got. */
const certificate = [...credential, 'csr', 'csrUid', 'serial', 'certificateKey'] as const
const node = [...machine, 'attempt', 'serial', 'node', 'detail'] as const

/**
 * Every event of a timeline, and what the audit log says of it. A decision, a credential and an outcome have a leaf. What a machine
 * chats about has none: a leaf stays for ever, and a machine must not make the log grow. A new event does not compile until it
 * stands here.
 */
export const timelineEvents = {
  // codes
  create: ['name', 'role', 'uses', 'expires', 'from', 'credential', 'detail'],
  revoke: ['name', 'role', 'detail'],
  used: ['name', 'role', 'detail'],
  quota: ['detail'],
  refused: 'none',
  // decisions
  approve: [...machine, 'address', 'machineId', 'productUuid', 'revision', 'detail'],
  reject: [...machine, 'node', 'detail'],
  release: [...machine, 'detail'],
  retry: [...machine, 'revision', 'detail'],
  remove: [...machine, 'serial', 'node', 'detail'],
  replace: [...machine, 'node', 'detail'],
  grant: [...machine, 'detail'],
  'grant-over': [...machine, 'detail'],
  'join-command': [...credential, 'detail'],
  restore: [...machine, 'detail'],
  // the machine
  enrol: [...machine, 'address', 'machineId', 'productUuid'],
  // what a machine became is in the leaf of its approval
  'evidence-changed': 'none',
  conflict: [...machine, 'otherKey', 'address', 'detail'],
  expire: [...machine, 'detail'],
  progress: 'none',
  'clock-set': 'none',
  // credentials
  claim: [...credential],
  'credential-issued': [...credential, 'detail'],
  'csr-seen': 'none',
  'csr-approved': [...certificate],
  'csr-left': [...credential, 'detail'],
  'certificate-issued': [...certificate, 'detail'],
  'certificate-lost': [...certificate, 'detail'],
  'serving-csr-approved': [...machine, 'detail'],
  'serving-csr-left': 'none',
  // outcomes
  register: [...certificate, 'node'],
  'agent-ready': [...certificate],
  'become-ready': [...certificate, 'node', 'confirmed', 'detail'],
  fail: [...credential, 'failedBy'],
  'give-up': [...credential, 'failedBy'],
  labelled: 'none',
  'labels-refused': 'none',
  'in-service': [...machine, 'node'],
  'not-in-service': 'none',
  'taint-put-back': 'none',
  'node-condition': 'none',
  cause: 'none',
  'node-deleted': node,
  'unwanted-node': node,
  banned: [...machine, 'detail'],
  pruned: [...machine, 'detail'],
  // the way back
  recover: [...machine, 'address', 'machineId'],
  'recovery-refused': [...machine, 'address'],
  'recovery-frozen': [...machine, 'address', 'machineId'],
  'claim-recovery': [...credential],
  'recovery-interrupted': [...credential, 'detail'],
  'end-recovery': [...credential, 'failedBy'],
  'other-credential': [...certificate, 'detail'],
  // the policy: what it decided is in the leaf of the decision
  'policy-loaded': ['detail'],
  'policy-refused': ['detail'],
  'policy-failed': ['detail'],
  'would-approve': 'none',
  'would-reject': 'none',
  approved: 'none',
  // names that Joinery did not give
  'unknown-node': ['detail'],
  'other-machine': ['detail'],
  returned: [...machine, 'detail'],
  'outside-certificate': [...machine, 'detail'],
  'first-look': ['detail'],
  // the store
  'older-store': ['detail'],
  'new-store': ['detail'],
  'generation-unreadable': ['detail'],
  'log-edited': ['detail'],
  'settled-often': ['detail'],
  'later-known': ['detail'],
  'unknown-pin': ['detail'],
  'receiver-ahead': ['detail'],
  'endpoint-changed': ['detail'],
  'longest-certificate': 'none',
  'audit-ahead': ['detail'],
  'audit-lost': ['detail'],
  'audit-key': ['detail']
} as const satisfies Record<string, Answer>
export type TimelineEvent = keyof typeof timelineEvents

/** Leaves that no timeline has: those of the log itself, and that somebody read. */
export const ownEvents = {
  'log-opened': ['log', 'size', 'root', 'detail'],
  'log-closed': ['log'],
  read: ['detail']
} as const satisfies Record<string, readonly LeafField[]>
export type OwnEvent = keyof typeof ownEvents

/** Fields of the leaf of an event. Undefined if the event has no leaf. An event that the table does not know has one. */
export const leafFieldsOf = (event: string): readonly LeafField[] | undefined => {
  const answer: Answer = Object.hasOwn(timelineEvents, event) ? timelineEvents[event as TimelineEvent] : ['detail']
  return answer === 'none' ? undefined : answer
}

/** Events that have leaves, for those who choose among them. */
export const leafEvents: readonly string[] = [
  ...Object.entries<Answer>(timelineEvents).flatMap(([event, answer]) => (answer === 'none' ? [] : [event])),
  ...Object.keys(ownEvents)
]
