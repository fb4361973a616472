import type {
  AgentSaid,
  ApprovedEvidence,
  Cause,
  CauseCode,
  Check,
  Conflict,
  CredentialKind,
  Facts,
  FirstCause,
  KubeletCertificate,
  Labels,
  NodeStatus,
  PreflightPolicy,
  RecoverPolicy,
  Role,
  State,
  Taints
} from '@joinery/protocol'
import type { AttemptDocument } from './attempt-document.ts'
import type { RecoveryDocument, SeenCertificate } from './recovery-document.ts'

export interface EnrolmentDocument {
  id: string
  revision: number
  state: State
  /** When the state was entered. */
  since: string
  created: string
  code: string
  key: string
  name: string
  role: Role
  address: string
  facts: Facts
  /** Version that its agent said last, and since when. It is no evidence: nobody approves by it. Absent if it never said one. */
  agent?: { version: string; since: string }
  /** True if the machine joins by a join command: code, key, address and facts are empty, and nobody claims. */
  withoutAgent?: boolean
  preflight: Check[]
  /** Reason of the rejection, the failure or the freeze, or why its Node had to go. */
  reason?: string
  node?: NodeStatus
  terms: TermsDocument
  approval: ApprovalDocument
  join: JoinDocument
  diagnosis: DiagnosisDocument
  conflict: ConflictDocument
  certificates: CertificatesDocument
  /** The way of its Node into service, if the code has gates. */
  service?: ServiceDocument
  /** The way back: the present one, or the last. Absent if the machine never asked. */
  recovery?: RecoveryDocument
  /**
   * True if nothing is left to be done for the enrolment: see `isSettled`. It is read again when the cluster shows its name or
   * its token.
   */
  settled?: true
  /** When it was cut to its essence: see `essenceOf`. */
  pruned?: string
}

/** Terms of the code on which the machine joins. `labels` and `taints` are those of the Node that it replaces, too. */
export interface TermsDocument {
  /** Labels of the Node. Never empty. */
  labels?: Labels
  taints?: Taints
  /** Gates of the Node. Never empty. */
  readyWhen?: string[]
  policy?: PreflightPolicy
  /** Kind of credential. A bootstrap token if absent. */
  credential?: CredentialKind
  /** True if the machine learns, while it waits, which images the nodes of the cluster run. */
  prefetch?: true
  /** Policy for the way back. That of the server if absent. */
  recover?: RecoverPolicy
}

/** The approval, and the evidence that an operator was shown for it. */
export interface ApprovalDocument {
  /** Revision at which what an approval covers changed last: see `shownRevision`. */
  shownAt?: number
  /** The evidence that the last approval was decided on. */
  evidence?: ApprovedEvidence
  /** Addresses where the server saw the machine when it was approved, and those that it claimed. The operator was shown both. */
  addresses?: string[]
  /** The approval that a settling took back, as long as the machine waits because of that alone. `by`: a name, or the kind of actor. */
  takenBack?: { by: string }
  /** Uid of the Node that this machine replaces. Its labels and taints were taken over. */
  replaced?: string
  /**
   * Decision of the cluster that is taking a Node out of the way of this enrolment, and the revision that is shown since then. The
   * same Decision may go on at that revision.
   */
  makingRoom?: { decision: string; revision: number }
}

/** The way from an approval to the confirmed Node. */
export interface JoinDocument {
  /** Fingerprint of the key that a client certificate is for. From a claim on it is the one that was approved. */
  key?: string
  /** Key that the keys of the cluster are sealed to, signed with the machine's. From a claim on it is the one that was approved. */
  sealKey?: string
  /** Keys of the cluster that root sealed for a control plane, good until `until`. Only in `approved` and `joining`. */
  grant?: { sealed: string; until: string }
  /** Number of the last attempt that the present approval allows. */
  lastAttempt: number
  attempts: AttemptDocument[]
  /** The agent's last lines before its newest failure, as it reported them. */
  said?: AgentSaid
  agentReady?: { at: string; certificate: KubeletCertificate }
  ready?: string
  confirmed?: boolean
  /** Uid of the Node that got the labels and taints. What happens to them later is the business of others. */
  labelled?: string
}

/** Reasons why the Node of the machine is not Ready. */
export interface DiagnosisDocument {
  /** The present flap of its Node's condition: see `conditionChange`. */
  flap?: FlapDocument
  /** The likeliest cause, from the first look until the Node is Ready. */
  cause?: FirstCause
  /** First causes that the timeline was told of lately, one for each code. */
  told?: CauseTold[]
  /** Causes as its machine reported them last. They go when the Node is Ready. */
  reported?: { at: string; causes: Cause[] }
}

/** Other machines that say that they are this one, and identities of others that this one said it has. */
export interface ConflictDocument {
  seen: Conflict[]
  /** Time from which a further key with the code does not freeze the enrolment: see `isCodeClosed`. */
  codeClosed?: string
  /** When the key was first seen, if it is not the one that enrolled. */
  keySeen?: string
  /** Identities of other machines that this machine claimed after its approval. Each alerts once. */
  borrowed?: string[]
}

/** Certificates for the name of the machine, and the bans of names for which one may be about. */
export interface CertificatesDocument {
  /** The kubelet's certificate that ends last, of those that the server saw issued for its Node. */
  seen?: SeenCertificate
  /** Requests for serving certificates that its kubelet made and the cluster still has. */
  serving?: ServingCsrDocument[]
  /** Certificates that were issued for its requests, and are not what was granted. */
  stray?: StrayCertificate[]
  /** Reason why somebody else can be this node, by such a certificate. Until the next claim no Node of this name may stay. */
  untrusted?: string
  /** True if the name is noted as banned: a certificate for it may be about, and the machine must have no Node. */
  nameBanned?: boolean
  /** When its name was banned last, or another name for a certificate that it got. If absent, it was banned at its end, if ever. */
  banned?: string
  /** Uid of the last Node that had to go. The timeline is not told of it again. */
  unwantedNode?: string
}

type Part = 'terms' | 'approval' | 'join' | 'diagnosis' | 'conflict' | 'certificates'

/** The parts of an enrolment of which nothing is known yet. */
export const emptyParts: Readonly<Pick<EnrolmentDocument, Part>> = {
  terms: {},
  approval: {},
  join: { lastAttempt: 0, attempts: [] },
  diagnosis: {},
  conflict: { seen: [] },
  certificates: {}
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
