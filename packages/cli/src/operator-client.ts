import type {
  ApprovedEvidence,
  Attempt,
  Cause,
  Check,
  ClientOf,
  Code,
  CodeDetail,
  CodeRequest,
  Conflict,
  Enrolment,
  EnrolmentDetail,
  EventsQuery,
  Facts,
  List,
  NewCode,
  NodeStatus,
  NodeTrace,
  operatorRoutes,
  Recovery,
  RecoveryEvidence,
  ServerStatus,
  Status,
  TimelineEntry,
  TracedNode,
  Why
} from '@joinery/protocol'
import type { Following } from './follow/following.ts'

/**
 * Fields of an enrolment that a view of Kubernetes has only in part, or not at all. A field that the view lacks is absent: it is
 * never shown as empty or zero.
 */
interface OfView {
  facts: Partial<Facts>
  preflight: SeenCheck[]
  conflicts?: Conflict[]
  /** Number of other keys that presented the code, if the view has only their number. */
  conflictCount?: number
  attempts?: Attempt[]
  node?: Pick<NodeStatus, 'uid' | 'condition'> & Partial<NodeStatus>
  /** A newer server may name a cause that this command does not know. */
  cause?: { code: string; text: string }
  recovery?: SeenRecovery
  approved?: Pick<ApprovedEvidence, 'at' | 'revision' | 'key'> & Partial<ApprovedEvidence>
}
/** The way back as a door shows it. A view has the evidence only in part. */
export type SeenRecovery = Omit<Recovery, 'since' | 'asked' | 'other' | 'lastSeen'> & {
  since?: string
  asked?: Partial<RecoveryEvidence>
  other?: Partial<RecoveryEvidence>
  lastSeen?: { serial?: string; notAfter: string }
}
export type SeenCheck = Pick<Check, 'name' | 'verdict'> & Partial<Check>

/** An enrolment as a door shows it. The socket shows all of it, the cluster what its view has. */
export type SeenEnrolment = Omit<Enrolment, keyof OfView> & OfView
export type SeenEnrolmentDetail = Omit<EnrolmentDetail, keyof OfView | 'timeline'> &
  OfView & { timeline?: TimelineEntry[] }

/** A cause as a door shows it. The cluster shows only the likeliest one, and not where it was seen. */
export type SeenCause = Omit<Cause, 'code' | 'from'> & { code: string; from?: string }
export type SeenWhy = Omit<Why, 'causes'> & { causes: SeenCause[] }

/** True for an enrolment as Kubernetes shows it. The pairing server itself always tells the attempts. */
export const isView = ({ attempts }: Pick<OfView, 'attempts'>): boolean => attempts === undefined

/** A code as a door shows it. The cluster does not know which credential the server chose. */
export type SeenCode = Omit<Code, 'credential'> & Partial<Pick<Code, 'credential'>>
export type SeenNewCode = Omit<NewCode, 'credential'> & Partial<Pick<Code, 'credential'>>
export type SeenCodeDetail = SeenCode & Partial<Pick<CodeDetail, 'users' | 'timeline'>>

/** A Node as a door traces it. `untraced`: no enrolment that the cluster shows has it, and only the server knows why. */
export type SeenNode = Omit<TracedNode, 'trace' | 'cause'> & Pick<OfView, 'cause'> & { trace: NodeTrace | 'untraced' }

/** A server of the installation as a door shows it. Over the cluster only its URL is known. */
export type SeenServer = Pick<ServerStatus, 'url'> & Partial<ServerStatus>

/** The server's state as a door shows it. Fields that only the server's host knows are absent over the cluster. */
export type SeenStatus = Partial<Omit<Status, 'version' | 'agents' | 'cluster' | 'enrolments' | 'servers'>> &
  Pick<Status, 'version' | 'cluster' | 'enrolments'> & {
    agents: Pick<Status['agents'], 'url' | 'pin'> & Partial<Status['agents']>
    servers?: SeenServer[]
    /** Machines that were Ready and are not, as their views say. Only over the cluster: over the socket `remedies` names the Nodes. */
    notReady?: string[]
  }

/** A right of RBAC: a verb on a kind. */
export interface Access {
  verb: string
  group: string
  resource: string
}

type Routes = ClientOf<typeof operatorRoutes>

/**
 * The operators' API as the commands use it: one method for each of `operatorRoutes`, over the socket or over the cluster. Without
 * a limit a method returns the whole list. Throws a refusal as `ProblemAnswer`.
 */
export interface OperatorClient
  extends Omit<
    Routes,
    | 'approve'
    | 'createCode'
    | 'list'
    | 'listCodes'
    | 'listNodes'
    | 'listRows'
    | 'reject'
    | 'release'
    | 'remove'
    | 'retry'
    | 'revokeCode'
    | 'show'
    | 'showCode'
    | 'status'
    | 'why'
  > {
  /** The way to the pairing server. */
  readonly door: 'socket' | 'cluster'
  /** The cluster as the kubeconfig names it: its context, and the URL of its API server. Absent over the socket. */
  readonly cluster?: { context: string; server: string }
  createCode(...given: Parameters<Routes['createCode']>): Promise<SeenNewCode>
  listCodes(...given: Parameters<Routes['listCodes']>): Promise<List<SeenCode>>
  showCode(...given: Parameters<Routes['showCode']>): Promise<SeenCodeDetail>
  revokeCode(...given: Parameters<Routes['revokeCode']>): Promise<SeenCode>
  list(...given: Parameters<Routes['list']>): Promise<List<SeenEnrolment>>
  /** The list for a table, each enrolment with what a line of it shows. */
  listRows(...given: Parameters<Routes['listRows']>): Promise<List<SeenEnrolment>>
  show(...given: Parameters<Routes['show']>): Promise<SeenEnrolmentDetail>
  approve(...given: Parameters<Routes['approve']>): Promise<SeenEnrolment>
  reject(...given: Parameters<Routes['reject']>): Promise<SeenEnrolment>
  release(...given: Parameters<Routes['release']>): Promise<SeenEnrolment>
  retry(...given: Parameters<Routes['retry']>): Promise<SeenEnrolment>
  remove(...given: Parameters<Routes['remove']>): Promise<SeenEnrolment>
  listNodes(...given: Parameters<Routes['listNodes']>): Promise<List<SeenNode>>
  why(...given: Parameters<Routes['why']>): Promise<SeenWhy>
  status(): Promise<SeenStatus>
  /** The enrolments that fit, which follow each change. `fromNow`: only those that change from now on. */
  follow(query?: EventsQuery, options?: { fromNow?: boolean }): Promise<Following<SeenEnrolment>>
  /** Tells that a person has seen this look: the next decision about the enrolment is about it, and no later one. */
  cover(look: SeenEnrolment): void
  /** The request for a code that a CodeTemplate has. Absent over the socket: templates are objects of the cluster. */
  readTemplate?(name: string): Promise<Partial<CodeRequest>>
  /** Tells the operator's name, and which of these rights they lack. Absent over the socket: it is root's, who lacks none. */
  access?(asked: readonly Access[]): Promise<{ who: string; lacking: Access[] }>
  close(): Promise<void>
}
