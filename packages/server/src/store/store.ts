import type {
  ApprovedEvidence,
  Check,
  Conflict,
  CredentialKind,
  Facts,
  KubeletCertificate,
  Labels,
  NodeStatus,
  PreflightPolicy,
  Role,
  State,
  Taints,
  TimelineEntry
} from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import type { Placed } from './list-page.ts'

/**
 * Where codes and enrolments live. Every write is one `commit`: all of it is durable when it returns `committed`, none of
 * it otherwise. Each document carries the revision that was read (0 for a new one); a commit is the compare-and-swap
 * on it. Throws ProblemError `store-full`, `store-unavailable` and `store-damaged`; nothing is committed after the last of
 * these until `check` has found the store whole.
 */
export interface Store {
  codeByHash(hash: string): Promise<CodeDocument | undefined>
  code(id: string): Promise<CodeDocument | undefined>
  codes(): Promise<CodeDocument[]>
  /** Those for exactly this name, or pattern, in order of creation. Costs what they do. */
  codesByName(name: string): Promise<CodeDocument[]>
  /** The next ones after the code of that id, which may be gone, in an order that stays. */
  codesAfter(id: string | undefined, limit: number): Promise<CodeDocument[]>
  /**
   * True while a code that was not revoked names the package with this SHA-256; with `since` one that did not expire before that.
   * Costs the same however many codes there are.
   */
  namesPackage(sha256: string, since?: Date): Promise<boolean>
  enrolment(id: string): Promise<EnrolmentDocument | undefined>
  /** The newest enrolment of this key. */
  enrolmentByKey(key: string): Promise<EnrolmentDocument | undefined>
  /** All of this key, in order of creation. */
  enrolmentsByKey(key: string): Promise<EnrolmentDocument[]>
  /** Those that have ended (`hasEnded`), by a time: the next ones after that place, in an order that stays. */
  endedBy(enteredBy: Date, after: Place | undefined, limit: number): Promise<EnrolmentDocument[]>
  /**
   * Those in these states, or all, in order of creation; with `enteredBy` those that entered their state by then. Many are read in
   * several turns of the event loop: one that changes meanwhile is given as it was or as it is, or not at all if it no longer fits.
   */
  enrolments(states?: readonly State[], enteredBy?: Date): Promise<EnrolmentDocument[]>
  /** Those that hold the name or want it, or did, in order of creation. */
  enrolmentsByName(name: string): Promise<EnrolmentDocument[]>
  /** Those after this place in the order of creation, all of them or those of a state and a name: a page of them costs a page. */
  walkEnrolments(after: number, which?: { state?: State; name?: string }): AsyncIterable<Placed<EnrolmentDocument>>
  walkCodes(after: number): AsyncIterable<Placed<CodeDocument>>
  /** How many enrolments are in each state; none of a state that no enrolment is in. */
  countStates(): Promise<Partial<Record<State, number>>>
  /** Of those beyond `pending` that are not `settled`, in order of creation: what a pass of the reconciler costs follows them. */
  unsettled(): Promise<EnrolmentHead[]>
  /** Of all that hold one of the names or want it, or did, in order of creation. */
  headsByName(names: readonly string[]): Promise<EnrolmentHead[]>
  /** Of all that have, or had, an attempt by one of these tokens, each with that token's id, in order of creation. */
  headsByToken(tokenIds: readonly string[]): Promise<(EnrolmentHead & { token: string })[]>
  /**
   * Names that an enrolment has or wants, or would again after a retry (not `hasEnded`), and those of enrolments that came to their
   * end after a claim: somebody may hold a certificate for such a name, and the next claim would lift its ban. And what codes
   * name that are open at this time.
   */
  takenNames(now: Date): Promise<Set<string>>
  /** Names of enrolments that note a ban (`certificateBanned`), each once. Costs what they do, however many others there are. */
  namesNotedBanned(): Promise<string[]>
  /** Names that an enrolment has (`holdsName`). Costs what they do. */
  namesHeld(): Promise<string[]>
  /** A code names exactly this name, and is open at this time, or was used by an enrolment that has or wants it. */
  isNamed(name: string, now: Date): Promise<boolean>
  /** What happened to a code, an enrolment, or another subject (see `SubjectEntry`), oldest first. */
  timeline(subject: string): Promise<TimelineEntry[]>
  /** How many alerts there were since then, of all timelines, and the last `limit` of them, newest first. */
  alerts(since: Date, limit: number): Promise<{ count: number; last: SubjectEntry[] }>
  outsiders(): Promise<OutsiderDocument[]>
  /** When it came out of a backup, as long as no commit has settled that; undefined for all others. */
  restored(): Promise<string | undefined>
  /** Of which time it is, among all that it ever was. */
  generation(): Promise<Generation>
  /** How many commits there were since it was opened, but for those of a generation alone. */
  commits(): number
  commit(change: Change): Promise<CommitResult>
  /** Throws where the store could not take a commit now. */
  check(): Promise<void>
  close(): void
}
export const Store = Symbol('Store') as InjectionToken<Store>

/**
 * Of each actor but operators so many entries are kept for one subject; alerts always. Of agents later ones are dropped: a
 * machine that nobody approved can neither fill the disk nor push out what others did. Of the cluster and the server the oldest
 * of the event that came most often makes room: a Node that flaps pushes out nothing but its own flaps.
 */
export const entriesKept = 500

/** Where an enrolment stands among those that have ended. */
export type Place = Pick<EnrolmentDocument, 'state' | 'since' | 'id'>

/** `subject`: id of a code or of an enrolment, `nodeSubject` of a name that is neither's, `clusterSubject` or `storeSubject`. */
export interface SubjectEntry {
  subject: string
  entry: TimelineEntry
}

/** The subject of what happens to a name that Joinery did not give. */
export const nodeSubject = (name: string): string => `node/${name}`

/** The subject of what the server did with the cluster as a whole. */
export const clusterSubject = 'cluster'

/** The subject of what happens to the store itself. */
export const storeSubject = 'store'

/**
 * `number`: it only grows, and is the largest that the cluster was ever told. `origin`: it was not compared with what the cluster
 * knows yet, and nothing in it is older than that: it was made without anything in it, or came out of a backup and was settled.
 */
export interface Generation {
  number: number
  origin?: 'empty' | 'restored'
}

export interface Change {
  codes?: CodeDocument[]
  enrolments?: EnrolmentDocument[]
  outsiders?: OutsiderDocument[]
  /** Outsiders that are to be no more, at the revision that was read. */
  forgotten?: Pick<OutsiderDocument, 'name' | 'revision'>[]
  /** What is to be no more, at the revision that was read, and the timeline of each. */
  gone?: {
    enrolments: readonly Pick<EnrolmentDocument, 'id' | 'revision'>[]
    codes: readonly Pick<CodeDocument, 'id' | 'revision'>[]
  }
  /** Subjects whose timeline is to be no more; `entries` begin it anew. */
  untold?: string[]
  /** One with a `count` takes the place of that of its subject, actor and event which began `at` the same time. */
  entries?: SubjectEntry[]
  /** Names that no enrolment had in `takenNames`: where one is by now, the change is `stale`. */
  unclaimed?: string[]
  /** At this time no other control plane joins (`joinsNow`): where one does by now, the change is `control-plane-busy`. */
  alone?: Date
  /** What was restored is settled by it. */
  settlesRestore?: true
  /** The number of the generation from now on, which has no `origin` any more: if it is not larger than before, the change is `stale`. */
  generation?: number
}

/**
 * - stale: a document is no longer at the revision that was read, or a name no longer unclaimed, or the generation is that large
 * - name-taken: two enrolments would hold one name
 * - key-taken: one key would have two live enrolments
 * - control-plane-busy: another control plane joins
 */
export type CommitResult = 'committed' | 'stale' | 'name-taken' | 'key-taken' | 'control-plane-busy'

/** Times are ISO 8601 in UTC. The code itself is never stored. */
export interface CodeDocument {
  id: string
  revision: number
  hash: string
  /** Or a pattern of names. */
  name?: string
  role: Role
  created: string
  expires: string
  revoked?: string
  /** Machines that it is good for; absent: one. */
  uses?: number
  /** Of a code for one machine: set once, by the one compare-and-swap that makes it single-use. */
  enrolment?: string
  /** Of a code for many: a key for each use, by one compare-and-swap each. */
  users?: { key: string; enrolment: string }[]
  /** Networks that a machine has to come from; never empty. */
  from?: string[]
  /** SHA-256 of the agent package that its user-data names. */
  package?: string
  /** That its machine's Node is to have; never empty. */
  labels?: Labels
  taints?: Taints
  policy?: PreflightPolicy
  /** What its machine gets; absent: a token. */
  credential?: CredentialKind
}

/** A name of the cluster that Joinery did not give. What is written here was said, and is not said again. */
export interface OutsiderDocument {
  /** Of its Node; also the key. */
  name: string
  revision: number
  /** As the server saw it first. `before`: when the server first looked at the cluster. */
  node?: { uid: string; machineId: string; since: string; before: boolean }
  /** User names whose requests for a certificate of this name are in the cluster. */
  requesters: string[]
}

/** What tells whether an enrolment has to be read: its document is long, and most matter to no pass. */
export interface EnrolmentHead {
  id: string
  name: string
  state: State
  revision: number
  /** It has, or had, an attempt. */
  claimed: boolean
  /** In the order of creation. */
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
  /** Since when a further key with its code changes nothing: see `isCodeClosed`. */
  codeClosed?: string
  /** When the key was first seen, where it is not the one that enrolled. */
  keySeen?: string
  name: string
  role: Role
  address: string
  facts: Facts
  /** It joins by a join command: code, key, address and facts are empty, and nobody claims. */
  withoutAgent?: boolean
  preflight: Check[]
  /** The evidence of the last approval, as it was decided on. */
  approved?: ApprovedEvidence
  /** What it said to be after its approval, of other machines: each alerts once. */
  borrowed?: string[]
  /** Of its code, and of the Node that it takes the place of. */
  labels?: Labels
  taints?: Taints
  policy?: PreflightPolicy
  /** Of its code; absent: a token. */
  credential?: CredentialKind
  /** Fingerprint of the key that a client certificate is for. From a claim on it is the one that was approved. */
  joinKey?: string
  /** Where the server saw the machine when it was approved, and what it claimed: the operator was shown both. */
  approvedAddresses?: string[]
  /** Requests for serving certificates by its kubelet, of those that the cluster still has. */
  servingCsrs?: ServingCsrDocument[]
  /** Signed with `key`: to which the keys of the cluster are sealed. From a claim on as above. */
  sealKey?: string
  /** Of a control plane, in `approved` and `joining` alone: what root sealed for it, good until then. */
  grant?: { sealed: string; until: string }
  conflicts: Conflict[]
  /** Number of the last attempt that the present approval allows. */
  lastAttempt: number
  attempts: AttemptDocument[]
  /** Why it was rejected, failed or frozen; or why the Node had to go that it had. */
  reason?: string
  node?: NodeStatus
  /** The present flap of its Node's condition: see `conditionChange`. */
  flap?: FlapDocument
  /** Uid of the Node that has got them. What happens to them later is others' business. */
  labelled?: string
  agentReady?: { at: string; certificate: KubeletCertificate }
  ready?: string
  confirmed?: boolean
  /** Certificates that were issued for its requests, and are not what was granted. */
  strayCertificates?: StrayCertificate[]
  /** Why somebody else can be its node, by such a certificate; until the next claim no Node of it may stay. */
  untrusted?: string
  /** The name was put there because a certificate for it may be about, and its machine is to have no Node. */
  certificateBanned?: boolean
  /** Uid of the Node that made room for it, and whose labels and taints it has. */
  replaced?: string
  /** Uid of the last Node that had to go, as was said already. */
  unwantedNode?: string
  /** Nothing of it is left to be done: see `isSettled`. It is read again when the cluster shows its name or its token. */
  settled?: true
  /** When its name was banned last, or another one for a certificate that it got; absent: at its end, if ever. */
  banned?: string
  /** When it was cut to its essence: see `essenceOf`. */
  pruned?: string
}

/** Changes of a Node's condition that are one entry. */
export interface FlapDocument {
  since: string
  last: string
  count: number
}

/** One of the two names its credential: `tokenId`, or `credentialCsr`. */
export interface AttemptDocument {
  number: number
  tokenId?: string
  /** Name of the CSR that the server makes for the join key. */
  credentialCsr?: string
  /** The certificate that was issued for it; `since`: when its CSR was made, by the clock of the API server. */
  issued?: { serial: string; since: string }
  /** By the clock of this host, and corrected where somebody sets it while the attempt is open. */
  claimed: string
  deadline: string
  /** The deadline by the clock of the cluster, which judges the credential; absent in attempts of before: it is `deadline`. */
  expires?: string
  stage?: string
  /** The one CSR that this attempt's token is granted. */
  csr?: { name: string; uid: string }
  /** Of the certificate that was issued for it. */
  certificate?: KubeletCertificate
  /** Of the kubelet's certificate that was issued last; it renews it by itself later on. */
  certificateExpires?: string
  /** CSRs by the node that the certificate speaks for: the cluster approves them by itself. */
  kubeletCsrs?: KubeletCsr[]
  /** Uids of CSRs by this credential that were seen and left alone. */
  refusedCsrs: string[]
  failure?: string
  /** Absent: the failure is as the machine reports it. */
  failedBy?: 'server'
  /** The kubelet's certificate that the machine held when the attempt had failed. */
  held?: KubeletCertificate
  /** It was said that the machine does not hold the certificate that was issued. */
  lostCertificate?: true
  /** The agent said so, and does that only when nothing of the attempt runs on its machine any more. */
  closed?: true
  /** The Secret is gone, and can come no more. */
  tokenDeleted?: boolean
  /** `credentialCsr` is gone, and can come no more. */
  csrDeleted?: boolean
}

export interface StrayCertificate {
  /** Name and uid of its CSR. */
  csr: string
  uid: string
  serial: string
  /** The other node that its holder is to the cluster. */
  node?: string
  /** That name is banned, and no worker has it. */
  settled?: true
}

export interface ServingCsrDocument {
  name: string
  uid: string
  /** Why it is left pending; absent: it is approved. */
  left?: string
}

export interface KubeletCsr {
  name: string
  uid: string
  /** Fingerprint of the key that it is for. */
  key: string
  /** Of the certificate, once it is issued. */
  serial?: string
}
