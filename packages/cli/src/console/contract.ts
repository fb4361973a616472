import type {
  CodeRequest,
  EnrolmentQuery,
  FailureClass,
  List,
  NameHolder,
  Problem,
  State,
  Status,
  TimelineEntry
} from '@joinery/protocol'
import type {
  SeenCode,
  SeenCodeDetail,
  SeenEnrolment,
  SeenEnrolmentDetail,
  SeenNewCode,
  SeenNode,
  SeenServer,
  SeenStatus,
  SeenWhy
} from '../operator-client.ts'

/**
 * The API between `joinery console` and its page: both sides have it from here. It imports nothing at run time, so it costs the page
 * nothing. Every answer is JSON. A refusal is a `ConsoleProblem` with the status of its HTTP answer.
 */

export type {
  SeenCode,
  SeenCodeDetail,
  SeenEnrolment,
  SeenEnrolmentDetail,
  SeenNewCode,
  SeenNode,
  SeenServer,
  SeenStatus,
  SeenWhy
}

/** Everything that an operator may or may not do on the page. The first ones are verbs of RBAC on `enrolments.joinery.dev`. */
export const consoleVerbs = [
  'approve',
  'approve-control-plane',
  'reject',
  'release',
  'retry',
  'remove',
  'replace',
  'invite',
  'invite-control-plane',
  'label',
  'revoke',
  'list-codes',
  'list-nodes'
] as const
export type ConsoleVerb = (typeof consoleVerbs)[number]

/** One right of the operator, or the name of the right that is missing. */
export interface Right {
  may: boolean
  /** The right that is missing, as `approve on enrolments.joinery.dev`. Several are joined by ` and `. */
  missing?: string
}
export type Rights = Readonly<Record<ConsoleVerb, Right>>

/** The way to the pairing server. `server`: host of the API server, and its path if it has one. */
export type ConsoleDoor = { to: 'socket'; path: string } | { to: 'cluster'; server: string }

/** `GET /api/session`. */
export interface ConsoleSession {
  /** Version of the `joinery` that serves the page. */
  version: string
  door: ConsoleDoor
  /** Name of what the console is about: the context of the kubeconfig, or the host of the socket. */
  name: string
  /** The operator's name as the timeline will have it. Absent if nobody can tell. */
  who?: string
  rights: Rights
  /** Time at which this console ends by itself. */
  ends: string
}

/** `GET /api/list`. Without `limit` a page has `pageSize` items. */
export interface ListQuery {
  /** States, separated by commas. All if absent. */
  state?: string
  role?: NonNullable<EnrolmentQuery['role']>
  /** Id of a code. */
  code?: string
  /** Words that a machine must have: in its name, id, state, message, address, key, code, labels or facts. */
  text?: string
  /** `newest` first, or `oldest`. The newest if absent. */
  order?: 'newest' | 'oldest'
  limit?: string
  /** `continue` of the page before, with the same filters. */
  continue?: string
}
export const pageSize = 100
export const largestPage = 500

export type Counts = Readonly<Record<State, number>>

export interface ListPage {
  items: SeenEnrolment[]
  /** Number of enrolments that fit the filters. */
  total: number
  /** Numbers of all enrolments, whatever the filters. */
  counts: Counts
  continue?: string
  /** Number of the look that this page is of. An event with a lower number is older than the page. */
  look: number
}

/** Alerts as far as the door shows them. */
export interface AlertsPage {
  count: number
  items: Status['alerts']['last']
  /** Reason why there are none, or not all. */
  lacking?: string
}

/** An entry of a timeline, with the enrolment that it belongs to. */
export interface AuditEntry extends TimelineEntry {
  enrolment: string
  name: string
}

/** `GET /api/audit`: the newest entries over all, newest first, from the enrolments that changed last. */
export interface AuditPage {
  items: AuditEntry[]
  /** Number of enrolments whose timelines were read. */
  read: number
  /** Number of all enrolments. */
  of: number
  /** Reason why there are none, or not all. */
  lacking?: string
}

/** Durations in seconds. */
export interface StageTimes {
  stage: StageName
  count: number
  median: number
  p95: number
}

/**
 * Parts of a join: `waiting` from the first look to the approval, `claiming` to the claim, `joining` to the Node, `settling` until the
 * Node is Ready, and `whole` from first to last.
 */
export const stageNames = ['waiting', 'claiming', 'joining', 'settling', 'whole'] as const
export type StageName = (typeof stageNames)[number]

/** `GET /api/pictures`: what the three pictures draw. */
export interface Pictures {
  /** The last days in UTC, the oldest first. `arrived`: enrolments that began. `ready`: that became Ready. */
  days: { day: string; arrived: number; ready: number; failed: number }[]
  stages: StageTimes[]
  /** Failed attempts by their class, most first. `server`: the pairing server found the failure. */
  failures: { failure: FailureClass | 'server'; count: number }[]
  /** Reason why something is missing. */
  lacking?: string
}

/** `GET /api/holder/`: what has the name of a machine, and goes if the machine takes its place. */
export interface Holder extends NameHolder {
  /** The other enrolment that brought the Node. Absent if none did. */
  former?: SeenEnrolmentDetail
  /** Pods that a drain evicts. */
  evicted: NameHolder['pods']
  /** Labels and taints that the new Node gets, in words. */
  carried?: string
  /** The command of root, if the page cannot do it. */
  onlyRoot?: string
}

/** The enrolment as it was on the screen. A decision about anything else is refused with `revision-changed`. */
export interface Shown {
  id: string
  revision: number
  key: string
}
/** `replace`: the machine takes the place of the Node that has its name. */
export type ApproveBody = Shown & { replace?: ReplaceBody }
/** Holder of the name when the operator agreed. If something else has the name now, nothing is done. */
export interface ReplaceBody {
  /** Uid of the Node. Absent if the Node was gone already, and only its Pods were left. */
  uid?: string
  /** The enrolment that brought the Node. Absent if none did. */
  former?: Pick<Shown, 'id' | 'key'>
  /** Evicts the Pods of the Node first, as the command does. Absent means yes. */
  drain?: boolean
}
export type RejectBody = Shown & { reason: string }
/** `keep`: the key of the right machine, one of those that presented the code. */
export type ReleaseBody = Shown & { keep: string }
export type RetryBody = Shown
/** `drain`: evicts the Pods of the Node first, as the command does. Absent means yes. */
export type RemoveBody = Shown & { drain?: boolean }

/** `iso`: asks also for a seed disk. Absent means no. */
export interface CodeCreateBody {
  request: CodeRequest
  iso?: boolean
}
/** A code that was just made. The page has it once, and nothing else has the code again. */
export interface CreatedCode {
  code: SeenNewCode
  /** User-data for cloud-init. Absent if the server has no agent package that a machine could install. */
  userData?: string
  /** Command for a machine that already has the agent. */
  command: string
  /** Seed disk in base64, if it was asked for. */
  iso?: string
  /** Reason why there is no seed disk, if it was asked for. */
  lacking?: string
}
export interface CodeRevokeBody {
  id: string
}

/** A refusal. `now`: the enrolment as it is, if it is no longer what was on the screen. */
export interface ConsoleProblem extends Problem {
  now?: SeenEnrolmentDetail
}

/** The calls of the page. The server implements it, and the page's client too. */
export interface ConsoleApi {
  session(): Promise<ConsoleSession>
  list(query?: ListQuery): Promise<ListPage>
  show(reference: string): Promise<SeenEnrolmentDetail>
  why(reference: string): Promise<SeenWhy>
  holder(reference: string): Promise<Holder>
  codes(): Promise<List<SeenCode>>
  code(reference: string): Promise<SeenCodeDetail>
  nodes(): Promise<List<SeenNode>>
  status(): Promise<SeenStatus>
  alerts(): Promise<AlertsPage>
  audit(): Promise<AuditPage>
  pictures(): Promise<Pictures>
  approve(body: ApproveBody): Promise<SeenEnrolment>
  reject(body: RejectBody): Promise<SeenEnrolment>
  release(body: ReleaseBody): Promise<SeenEnrolment>
  retry(body: RetryBody): Promise<SeenEnrolment>
  remove(body: RemoveBody): Promise<SeenEnrolment>
  codeCreate(body: CodeCreateBody): Promise<CreatedCode>
  codeRevoke(body: CodeRevokeBody): Promise<SeenCode>
}

/** A call of `ConsoleApi` over HTTP. `takes`: what its argument becomes. */
export interface Call {
  method: 'GET' | 'POST'
  path: string
  takes?: 'reference' | 'query' | 'body'
}

export const calls = {
  session: { method: 'GET', path: '/api/session' },
  list: { method: 'GET', path: '/api/list', takes: 'query' },
  show: { method: 'GET', path: '/api/show/', takes: 'reference' },
  why: { method: 'GET', path: '/api/why/', takes: 'reference' },
  holder: { method: 'GET', path: '/api/holder/', takes: 'reference' },
  codes: { method: 'GET', path: '/api/codes' },
  code: { method: 'GET', path: '/api/code/', takes: 'reference' },
  nodes: { method: 'GET', path: '/api/nodes' },
  status: { method: 'GET', path: '/api/status' },
  alerts: { method: 'GET', path: '/api/alerts' },
  audit: { method: 'GET', path: '/api/audit' },
  pictures: { method: 'GET', path: '/api/pictures' },
  approve: { method: 'POST', path: '/api/approve', takes: 'body' },
  reject: { method: 'POST', path: '/api/reject', takes: 'body' },
  release: { method: 'POST', path: '/api/release', takes: 'body' },
  retry: { method: 'POST', path: '/api/retry', takes: 'body' },
  remove: { method: 'POST', path: '/api/remove', takes: 'body' },
  codeCreate: { method: 'POST', path: '/api/code-create', takes: 'body' },
  codeRevoke: { method: 'POST', path: '/api/code-revoke', takes: 'body' }
} as const satisfies Record<keyof ConsoleApi, Call>

/** Path of the stream of events: `text/event-stream`, each message the JSON of a `ConsoleEvent`. */
export const changesPath = '/api/changes'

/**
 * An event of the stream.
 * - look: the page must read again all that it shows: the stream has just begun, or too much changed for one event
 * - changed: these enrolments are new or other than before, and those of `gone` are no more
 * - away: the pairing server does not answer; what the page shows is as old as `since`
 * - back: it answers again; a `look` follows
 * - end: this console ends now, for this reason
 */
export type ConsoleEvent =
  | { type: 'look'; look: number }
  | { type: 'changed'; look: number; rows: SeenEnrolment[]; gone: string[]; counts: Counts }
  | { type: 'away'; since: string; problem: Problem }
  | { type: 'back' }
  | { type: 'end'; reason: string }

/** True if an enrolment fits the filters of a list. */
export const fits = (enrolment: SeenEnrolment, { state, role, code, text }: ListQuery): boolean =>
  (state === undefined || state.split(',').includes(enrolment.state)) &&
  (role === undefined || role === enrolment.role) &&
  (code === undefined || code === enrolment.code) &&
  (text === undefined || hasWords(enrolment, text))

const hasWords = ({ id, name, state, message, address, key, code, labels, facts }: SeenEnrolment, text: string) => {
  const within = JSON.stringify([id, name, state, message, address, key, code, labels, facts]).toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => within.includes(word))
}
