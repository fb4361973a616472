import {
  type AgentSaid,
  type ApprovedEvidence,
  type Cause,
  type CauseCode,
  type Check,
  type Conflict,
  type CredentialKind,
  day,
  type Facts,
  type FirstCause,
  type KubeletCertificate,
  type Labels,
  type NodeStatus,
  type PreflightPolicy,
  type RecoverPolicy,
  type Role,
  type State,
  type Taints,
  type TimelineEntry
} from '@joinery/protocol'
import type { DecisionStatus } from '@joinery/protocol/door'
import type { InjectionToken } from 'tsyringe'
import type { AuditChange, AuditQueue } from './audit-queue.ts'
import type { Placed } from './list-page.ts'
import type { NoticeQueue, QueueChange } from './notice-queue.ts'
import type { RecoveryDocument, SeenCertificate } from './recovery-document.ts'
import type { Restored } from './restored.ts'

/**
 * Keeps codes, enrolments, outsiders and timelines, and is read here: `Commits` alone changes it. Throws ProblemError `store-full`,
 * `store-unavailable` and `store-damaged`.
 */
export interface Store {
  codeByHash(hash: string): Promise<CodeDocument | undefined>
  code(id: string): Promise<CodeDocument | undefined>
  codes(): Promise<CodeDocument[]>
  /** Codes for exactly this name, or pattern, in order of creation. The cost follows their number. */
  codesByName(name: string): Promise<CodeDocument[]>
  /** The next codes after the code with this id, in a stable order. The code with this id may be gone. */
  codesAfter(id: string | undefined, limit: number): Promise<CodeDocument[]>
  /** Codes whose id ends or begins with this text, at most `limit` of them. */
  codesByShortId(short: string, limit: number): Promise<CodeDocument[]>
  /** Codes that end when their Code goes: they have one, the server did not clear it, and nobody revoked them. */
  codesOfObjects(): Promise<CodeDocument[]>
  /**
   * True if a code that was not revoked names the package with this SHA-256. With `since`, a code that expired before then does
   * not count. The cost is the same however many codes there are.
   */
  namesPackage(sha256: string, since?: Date): Promise<boolean>
  enrolment(id: string): Promise<EnrolmentDocument | undefined>
  /** Enrolments whose id ends or begins with this text, at most `limit` of them. */
  enrolmentsByShortId(short: string, limit: number): Promise<EnrolmentDocument[]>
  /** The newest enrolment of this key. */
  enrolmentByKey(key: string): Promise<EnrolmentDocument | undefined>
  /** All enrolments of this key, in order of creation. */
  enrolmentsByKey(key: string): Promise<EnrolmentDocument[]>
  /** Enrolments that have ended (`hasEnded`), and did so by `enteredBy`: the next ones after that place, in a stable order. */
  endedBy(enteredBy: Date, after: Place | undefined, limit: number): Promise<EnrolmentDocument[]>
  /**
   * Enrolments in these states, or in any, in order of creation. With `enteredBy`, only those that entered their state by then.
   * Many are read in several turns of the event loop. An enrolment that changes meanwhile is given as it was or as it is, or is
   * left out if it no longer fits.
   */
  enrolments(states?: readonly State[], enteredBy?: Date): Promise<EnrolmentDocument[]>
  /** Enrolments that hold the name or want it, or did, in order of creation. */
  enrolmentsByName(name: string): Promise<EnrolmentDocument[]>
  /**
   * Walks the enrolments after this place, in order of creation: all, or only those of a state, of a name, or of both. A page
   * costs only what is on it.
   */
  walkEnrolments(after: number, which?: { state?: State; name?: string }): AsyncIterable<Placed<EnrolmentDocument>>
  walkCodes(after: number): AsyncIterable<Placed<CodeDocument>>
  /** Number of enrolments in each state. A state without an enrolment is absent. */
  countStates(): Promise<Partial<Record<State, number>>>
  /**
   * Number of enrolments that hold a place among those that join (`isArriving`): from the claim until Ready, until the attempt is
   * over, or until its deadline. An enrolment without an agent holds none: nobody claims for it.
   */
  joins(at: Date): Promise<number>
  /**
   * Heads of the enrolments beyond `pending` that are not `settled`, in order of creation. The cost of a pass of the reconciler
   * follows their number.
   */
  unsettled(): Promise<EnrolmentHead[]>
  /** Heads of the enrolments that hold one of the names or want it, or did, in order of creation. */
  headsByName(names: readonly string[]): Promise<EnrolmentHead[]>
  /**
   * Heads of the enrolments that have, or had, an attempt by one of these tokens, each with that token's id, in order of
   * creation.
   */
  headsByToken(tokenIds: readonly string[]): Promise<(EnrolmentHead & { token: string })[]>
  /**
   * Names that are taken. An enrolment takes a name that it has or wants, or would again after a retry (not `hasEnded`). An
   * enrolment that ended after a claim still takes its name: somebody may hold a certificate for it, and the next claim would
   * lift its ban. A code that is open at `now` takes the name that it gives.
   */
  takenNames(now: Date): Promise<Set<string>>
  /**
   * Names of enrolments that note a ban (`certificateBanned`), each once. The cost follows their number, however many other
   * enrolments there are.
   */
  namesNotedBanned(): Promise<string[]>
  /** Names that an enrolment has (`holdsName`). The cost follows their number. */
  namesHeld(): Promise<string[]>
  /** True if a code for exactly this name is open at `now`, or was used by an enrolment that has or wants the name. */
  isNamed(name: string, now: Date): Promise<boolean>
  /** Everything that happened to a code, an enrolment, or another subject (see `SubjectEntry`), oldest first. */
  timeline(subject: string): Promise<TimelineEntry[]>
  /** Number of alerts since then, in all timelines, and the last `limit` of them, newest first. */
  alerts(since: Date, limit: number): Promise<{ count: number; last: SubjectEntry[] }>
  outsiders(): Promise<OutsiderDocument[]>
  /** Results of those of the Decisions with these uids that are settled. */
  decided(uids: readonly string[]): Promise<Decided[]>
  /**
   * Reason why this store is an older copy, or may be one, until a commit has settled that: it came out of a backup, or a server took the
   * log over without memory of it. Undefined for any other store.
   */
  restored(): Promise<Restored | undefined>
  /** Generation of this store. It shows whether the store is an older copy. */
  generation(): Promise<Generation>
  /**
   * Sizes of the store as it is now. The first call counts everything. From then on the store counts along, and the cost follows
   * the alerts that are kept.
   */
  sizes(alertsSince: Date): Promise<StoreSizes>
  /** Throws if the store could not take a commit now. */
  check(): Promise<void>
  close(): void
}
export const Store = Symbol('Store') as InjectionToken<Store>

/**
 * A store with the one way to change it, and with the queues that two features read. If `commit` returns `committed`, all of the
 * change is durable. Otherwise none of it is. Each document carries the revision that was read (0 for a new one), and a commit is the
 * compare-and-swap on that revision. After `store-damaged` nothing is committed until `check` has found the store whole.
 */
export interface WritableStore extends Store {
  commit(change: Change): Promise<CommitResult>
  /** The queue of notices to webhooks, and the timelines as those who follow them read them. */
  notices: NoticeQueue
  /** Leaves of the audit log that are durable and not in its folder yet, and how far the log is. */
  audit: AuditQueue
}
export const WritableStore = Symbol('WritableStore') as InjectionToken<WritableStore>

/**
 * Most entries that are kept for one subject from each actor but operators. Later entries of agents are dropped: a machine that
 * nobody approved can neither fill the disk nor push out what others did. For the cluster and the server, the oldest entry of the
 * event that came most often makes room. So a Node that flaps pushes out nothing but its own flaps.
 */
export const entriesKept = 500

/**
 * Alerts, entries of operators, and uses of a code that are kept of one event of one subject: so many in all, of which so many are
 * the first ones. In the middle one entry stands for others as well: its `count` says for how many. The audit log has all of them.
 */
export const lastingKept = { all: 40, first: 10 } as const

/**
 * Bytes of words that a timeline keeps: of alerts, of operators, of uses, and of each actor but for its alerts. Beyond it, entries go
 * as they do beyond the other two bounds. Together with its enrolment a timeline must fit into one document of the log.
 */
export const wordsKept: Readonly<Record<string, number>> & { alerts: number; operator: number; uses: number } = {
  alerts: 32 * 1024,
  operator: 24 * 1024,
  uses: 12 * 1024,
  agent: 48 * 1024,
  cluster: 24 * 1024,
  server: 24 * 1024,
  policy: 12 * 1024
}

/** Place of an enrolment in the order of those that have ended. */
export type Place = Pick<EnrolmentDocument, 'state' | 'since' | 'id'>

/** Sizes of a store, for those who watch it. */
export interface StoreSizes {
  states: Partial<Record<State, number>>
  rows: Readonly<Record<'codes' | 'enrolments' | 'timeline' | 'outsiders' | 'decisions', number>>
  /** Bytes of its files. Zero for a store in memory. */
  bytes: Readonly<Record<'database' | 'wal', number>>
  /** Number of alerts, and time of the last one, by event. */
  alerts: Readonly<Record<string, { count: number; last: Date }>>
}

/**
 * A timeline entry with its subject. `subject` is the id of a code or of an enrolment, `nodeSubject` of a name that neither
 * has, `policySubject`, `clusterSubject` or `storeSubject`.
 */
export interface SubjectEntry {
  subject: string
  entry: TimelineEntry
}

/** Milliseconds for which the result of a Decision is kept. After 7 days the Decision itself is too old to do anything. */
export const decidedKept = 8 * day

/** The subject of what happens to a name that Joinery did not give. */
export const nodeSubject = (name: string): string => `node/${name}`

/** The subject of what the server did with the cluster as a whole. */
export const clusterSubject = 'cluster'

/** The subject of what happens to the store itself. */
export const storeSubject = 'store'

/** The subject of what happens to the approval policy, or to a part of it. */
export const policySubject = (part: string): string => `policy/${part}`

/**
 * Generation of a store. `number` only grows, and is the largest that the cluster was ever told. `origin` is there if the store
 * was not compared yet with what the cluster knows, and nothing in it is older than that. Such a store was made empty, or came
 * out of a backup and was settled. `sealed` is there once the number was raised by a program that tells it with a MAC.
 */
export interface Generation {
  number: number
  origin?: 'empty' | 'restored'
  sealed?: true
}

/** Bound of the machines that join at once, and the time at which it holds. */
export interface JoinsAtMost {
  at: Date
  machines: number
}

export interface Change {
  codes?: CodeDocument[]
  enrolments?: EnrolmentDocument[]
  outsiders?: OutsiderDocument[]
  /** Outsiders to delete, at the revision that was read. */
  forgotten?: Pick<OutsiderDocument, 'name' | 'revision'>[]
  /** Enrolments and codes to delete, at the revision that was read, with the timeline of each. */
  gone?: {
    enrolments: readonly Pick<EnrolmentDocument, 'id' | 'revision'>[]
    codes: readonly Pick<CodeDocument, 'id' | 'revision'>[]
  }
  /** Subjects whose timeline is deleted. `entries` begin it again. */
  untold?: string[]
  /** Entries to write. An entry with a `count` replaces the one of its subject, actor and event that has the same `at`. */
  entries?: SubjectEntry[]
  /** Names that were not in `takenNames`. If one is taken by now, the change is `stale`. */
  unclaimed?: string[]
  /**
   * Time at which no other control plane may be joining (`joinsNow`). If another one joins by now, the change is
   * `control-plane-busy`.
   */
  alone?: Date
  /** Bound of the enrolments that hold a place at that time (`joins`). If as many do by now, the change is `joins-full`. */
  joinsAtMost?: JoinsAtMost
  /**
   * Decision of the cluster that this change settles. If it is settled already, the change is `decided`. Those that were settled
   * `decidedKept` before it are forgotten.
   */
  decided?: Decided
  /** The change settles a store that came out of a backup. */
  settlesRestore?: true
  /** Changes of the queue of notices. */
  queue?: QueueChange
  /** Leaves for the audit log, in their order: the bytes of each, as text. */
  leaves?: readonly string[]
  /** Progress of the audit log. */
  audit?: AuditChange
  /** The change is only tried: the result is that of a commit now, and nothing is written. */
  tried?: true
  /** New number of the generation, which then has no `origin`. If it is not larger than before, the change is `stale`. */
  generation?: number
}

/**
 * - stale: a document is no longer at the revision that was read, or a name no longer unclaimed, or the generation is that large
 * - name-taken: two enrolments would hold one name
 * - key-taken: one key would have two live enrolments
 * - control-plane-busy: another control plane joins
 * - joins-full: as many machines join as may at once
 * - decided: the Decision is settled already
 */
export type CommitResult =
  | 'committed'
  | 'stale'
  | 'name-taken'
  | 'key-taken'
  | 'control-plane-busy'
  | 'joins-full'
  | 'decided'

/** Result of a Decision of the cluster, by the uid that the API server gave it. `at` is a time by the cluster's clock. */
export interface Decided extends Omit<DecisionStatus, 'conditions' | 'observedGeneration'> {
  uid: string
}

/** Times are ISO 8601 in UTC. The code itself is never stored. */
export interface CodeDocument {
  id: string
  revision: number
  hash: string
  /** A node name, or a pattern of names. */
  name?: string
  role: Role
  created: string
  expires: string
  revoked?: string
  /** Number of machines that the code is for. One if absent. */
  uses?: number
  /**
   * The enrolment that used a code for one machine. It is set once, by the one compare-and-swap that makes the code single-use.
   */
  enrolment?: string
  /** Uses of a code for many machines: a key for each use, by one compare-and-swap each. */
  users?: { key: string; enrolment: string }[]
  /** Networks that a machine must come from. Never empty. */
  from?: string[]
  /** SHA-256 of the agent package that its user-data names. */
  package?: string
  /** Labels that the machine's Node gets. Never empty. */
  labels?: Labels
  taints?: Taints
  /** Gates that must hold before the Node is in service. Never empty. */
  readyWhen?: string[]
  policy?: PreflightPolicy
  /** Credential kind that the machine gets. A bootstrap token if absent. */
  credential?: CredentialKind
  /** True if its machines are told which images the nodes run. If absent, `allowsPrefetch` decides. */
  prefetch?: boolean
  /** Policy for machines that ask for the way back. That of the server if absent. */
  recover?: RecoverPolicy
  /** True if the approval policy may rest on the code. If absent, `isProof` decides. */
  proof?: boolean
  /** Its Code in the cluster. Absent if the code was made over the socket. */
  object?: CodeObjectNote
}

/** The Code of a code, an object in the cluster. */
export interface CodeObjectNote {
  uid: string
  /** Warnings about the code when it was new. Absent if there were none. */
  warnings?: string[]
  /** True if the server itself deletes the Code: the code is over, and is not revoked for that. */
  cleared?: true
}

/** A name of the cluster that Joinery did not give. Operators were told what is written here, and are not told again. */
export interface OutsiderDocument {
  /** Name of the Node. It is also the key of the document. */
  name: string
  revision: number
  /**
   * The Node of this name. `since`: when the server saw it first. `before`: it was there when the server first looked at the
   * cluster.
   */
  node?: { uid: string; machineId: string; since: string; before: boolean }
  /** User names whose requests for a certificate of this name are in the cluster. */
  requesters: string[]
}

/** The fields that tell whether an enrolment must be read. Its document is long, and most documents matter to no pass. */
export interface EnrolmentHead {
  id: string
  name: string
  state: State
  revision: number
  /** True if the enrolment has, or had, an attempt. */
  claimed: boolean
  /** Place in the order of creation. */
  place: number
}

export interface EnrolmentDocument {
  id: string
  revision: number
  /** Revision at which what an approval covers changed last: see `shownRevision`. */
  shownAt?: number
  state: State
  /** When the state was entered. */
  since: string
  created: string
  code: string
  key: string
  /** Time from which a further key with the code does not freeze the enrolment: see `isCodeClosed`. */
  codeClosed?: string
  /** When the key was first seen, if it is not the one that enrolled. */
  keySeen?: string
  name: string
  role: Role
  address: string
  facts: Facts
  /** Version that its agent said last, and since when. It is no evidence: nobody approves by it. Absent if it never said one. */
  agent?: { version: string; since: string }
  /** True if the machine joins by a join command: code, key, address and facts are empty, and nobody claims. */
  withoutAgent?: boolean
  preflight: Check[]
  /** The evidence that the last approval was decided on. */
  approved?: ApprovedEvidence
  /**
   * The approval that a settling took back, as long as the machine waits because of that alone. `by`: a name, or the kind of actor.
   */
  restored?: { by: string }
  /** Identities of other machines that this machine claimed after its approval. Each alerts once. */
  borrowed?: string[]
  /** Labels from the code, and from the Node that this machine replaces. */
  labels?: Labels
  taints?: Taints
  /** Gates from the code. Never empty. */
  readyWhen?: string[]
  policy?: PreflightPolicy
  /** Credential kind from the code. A bootstrap token if absent. */
  credential?: CredentialKind
  /** True if the code lets the machine know, while it waits, which images the nodes of the cluster run. */
  prefetch?: true
  /** Policy from the code for the way back. That of the server if absent. */
  recover?: RecoverPolicy
  /** The way back: the present one, or the last. Absent if the machine never asked. */
  recovery?: RecoveryDocument
  /** The kubelet's certificate that ends last, of those that the server saw issued for its Node. */
  seenCertificate?: SeenCertificate
  /** Fingerprint of the key that a client certificate is for. From a claim on it is the one that was approved. */
  joinKey?: string
  /**
   * Addresses where the server saw the machine when it was approved, and those that it claimed. The operator was shown both.
   */
  approvedAddresses?: string[]
  /** Requests for serving certificates that its kubelet made and the cluster still has. */
  servingCsrs?: ServingCsrDocument[]
  /** Key that the keys of the cluster are sealed to, signed with `key`. From a claim on it is the one that was approved. */
  sealKey?: string
  /** Keys of the cluster that root sealed for a control plane, good until `until`. Only in `approved` and `joining`. */
  grant?: { sealed: string; until: string }
  conflicts: Conflict[]
  /** Number of the last attempt that the present approval allows. */
  lastAttempt: number
  attempts: AttemptDocument[]
  /** The agent's last lines before its newest failure, as it reported them. */
  agentSaid?: AgentSaid
  /** Reason of the rejection, the failure or the freeze, or why its Node had to go. */
  reason?: string
  node?: NodeStatus
  /** The present flap of its Node's condition: see `conditionChange`. */
  flap?: FlapDocument
  /** The likeliest cause for which its Node is not Ready, from the first look until the Node is Ready. */
  cause?: FirstCause
  /** First causes that the timeline was told of lately, one for each code. */
  causesTold?: CauseTold[]
  /** Causes for which the Node is not Ready, as its machine reported them last. They go when the Node is Ready. */
  reported?: { at: string; causes: Cause[] }
  /** Uid of the Node that got the labels and taints. What happens to them later is the business of others. */
  labelled?: string
  /** The way of its Node into service, if the code has gates. */
  service?: ServiceDocument
  agentReady?: { at: string; certificate: KubeletCertificate }
  ready?: string
  confirmed?: boolean
  /** Certificates that were issued for its requests, and are not what was granted. */
  strayCertificates?: StrayCertificate[]
  /** Reason why somebody else can be this node, by such a certificate. Until the next claim no Node of this name may stay. */
  untrusted?: string
  /** True if the name is noted as banned: a certificate for it may be about, and the machine must have no Node. */
  certificateBanned?: boolean
  /** Uid of the Node that this machine replaces. Its labels and taints were taken over. */
  replaced?: string
  /**
   * Decision of the cluster that is taking a Node out of the way of this enrolment, and the revision that is shown since then. The
   * same Decision may go on at that revision.
   */
  makingRoom?: { decision: string; revision: number }
  /** Uid of the last Node that had to go. The timeline is not told of it again. */
  unwantedNode?: string
  /**
   * True if nothing is left to be done for the enrolment: see `isSettled`. It is read again when the cluster shows its name or
   * its token.
   */
  settled?: true
  /**
   * When its name was banned last, or another name for a certificate that it got. If absent, it was banned at its end, if ever.
   */
  banned?: string
  /** When it was cut to its essence: see `essenceOf`. */
  pruned?: string
}

/** Changes of a Node's condition that are one timeline entry. */
export interface FlapDocument {
  since: string
  last: string
  count: number
}

/** The way of one Node into service. Another Node of the enrolment begins again. */
export interface ServiceDocument {
  /** Uid of the Node. */
  node: string
  /** Sentences about the things that are missing. Absent if nothing is. */
  notYet?: string[]
  /** Time at which all gates held. The server takes the startup taint away behind it, and behind nothing else. */
  opened?: string
  /** Time at which the startup taint was gone after that. From then on the gates do not count. */
  since?: string
  /** True if somebody put the startup taint back after that, and false if it went again. It stays. Absent if nobody ever did. */
  putBack?: boolean
  /** Timeline entries about what is missing, and the time of the last one: see `tellMissing`. */
  told?: { count: number; at: string }
}

/** A first cause in the timeline: each time that it came again soon is the same entry. */
export interface CauseTold extends FlapDocument {
  code: CauseCode
}

/** One try to join. Either `tokenId` or `credentialCsr` names its credential. */
export interface AttemptDocument {
  number: number
  tokenId?: string
  /** Id of the master key that the token's secret follows from. Absent: the first one. */
  masterKey?: string
  /** Name of the CSR that the server makes for the join key. */
  credentialCsr?: string
  /**
   * The certificate that was issued for `credentialCsr`. `since`: when the API server's clock says that the CSR was made.
   * `digest`: SHA-256 of its DER, in hex.
   */
  issued?: { serial: string; since: string; digest?: string }
  /** True if it is not a join, but brings a machine back that lost its kubelet's certificate. */
  recovery?: true
  /**
   * Time of the claim by the clock of this host. It is corrected, as `deadline` is, if somebody sets that clock while the
   * attempt is open.
   */
  claimed: string
  deadline: string
  /** The deadline by the clock of the cluster, which judges the credential. If absent (older attempts), `deadline` is it. */
  expires?: string
  stage?: string
  /** The one CSR that this attempt's token is granted. */
  csr?: { name: string; uid: string }
  /** Key and serial of the certificate that was issued for `csr`. */
  certificate?: KubeletCertificate
  /** Expiry of the kubelet's certificate that was issued last. The kubelet renews it by itself later on. */
  certificateExpires?: string
  /** CSRs by the node that the certificate speaks for: the cluster approves them by itself. */
  kubeletCsrs?: KubeletCsr[]
  /** Uids of CSRs by this credential that were seen and not approved. */
  refusedCsrs: string[]
  failure?: string
  /** `server` if the server ended the attempt. If absent, the failure is as the machine reports it. */
  failedBy?: 'server'
  /** The kubelet's certificate that the machine held when the attempt had failed. */
  held?: KubeletCertificate
  /** True if an alert said that the machine does not hold the certificate that was issued. */
  lostCertificate?: true
  /**
   * True if the agent said that it closed the attempt. It says so only if nothing of the attempt runs on its machine any more.
   */
  closed?: true
  /** True if the Secret is gone and cannot come back. */
  tokenDeleted?: boolean
  /** True if `credentialCsr` is gone and cannot come back. */
  csrDeleted?: boolean
}

export interface StrayCertificate {
  /** Name and uid of its CSR. */
  csr: string
  uid: string
  serial: string
  /** Name of the other node that the cluster takes the holder for. */
  node?: string
  /** True if the name in `node` is banned, and no worker has it. */
  settled?: true
}

export interface ServingCsrDocument {
  name: string
  uid: string
  /** Reason why the request is left pending. Absent if it is approved. */
  left?: string
}

export interface KubeletCsr {
  name: string
  uid: string
  /** Fingerprint of the key that it is for. */
  key: string
  /** Serial of the certificate, once it is issued. */
  serial?: string
}
