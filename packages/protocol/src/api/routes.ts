import Type from 'typebox'
import {
  ClaimRequest,
  ClusterFacts,
  Credential,
  EnrolRequest,
  ObservationRequest,
  OutcomeRequest,
  OwnEnrolment,
  ProgressRequest,
  Reachability,
  ReachabilityRequest,
  WaitQuery
} from './agent-api.ts'
import { CodeQuery, EnrolmentQuery, NodeQuery } from './lists.ts'
import { NodeList } from './nodes.ts'
import {
  ApproveRequest,
  Code,
  CodeDetail,
  CodeList,
  CodeRequest,
  Enrolment,
  EnrolmentDetail,
  EnrolmentList,
  GrantRequest,
  JoinCommand,
  JoinCommandRequest,
  NameHolder,
  NewCode,
  RejectRequest,
  ReleaseRequest,
  RetryRequest
} from './operator-api.ts'
import { Status } from './status.ts'

const Empty = Type.Null()
const Reference = Type.Object({ reference: Type.String({ maxLength: 253 }) })

/** The name that the pairing server's certificate always has beside its addresses, so that an address may change. */
export const serverName = 'joinery-server'

/** Calls of an agent, on the agents' listener (TLS 1.3, the client certificate's key is the identity). */
export const agentRoutes = {
  enrol: {
    method: 'POST',
    path: '/v1/enrolments',
    body: EnrolRequest,
    response: { 200: OwnEnrolment, 201: OwnEnrolment }
  },
  wait: { method: 'GET', path: '/v1/enrolment', query: WaitQuery, response: { 200: OwnEnrolment, 204: Empty } },
  observe: {
    method: 'PUT',
    path: '/v1/enrolment/observation',
    body: ObservationRequest,
    response: { 200: OwnEnrolment }
  },
  cluster: { method: 'GET', path: '/v1/cluster', response: { 200: ClusterFacts } },
  reachability: {
    method: 'POST',
    path: '/v1/enrolment/reachability',
    body: ReachabilityRequest,
    response: { 200: Reachability }
  },
  claim: {
    method: 'POST',
    path: '/v1/enrolment/claim',
    body: Type.Union([ClaimRequest, Empty]),
    response: { 200: Credential }
  },
  progress: { method: 'POST', path: '/v1/enrolment/progress', body: ProgressRequest, response: { 200: OwnEnrolment } },
  outcome: {
    method: 'POST',
    path: '/v1/enrolment/outcome',
    body: OutcomeRequest,
    response: { 200: OwnEnrolment, 202: OwnEnrolment }
  }
} as const

/** Calls of an operator, on the operators' socket. `reference` is a code's id, or an enrolment's node name or id. */
export const operatorRoutes = {
  createCode: { method: 'POST', path: '/v1/codes', body: CodeRequest, response: { 201: NewCode } },
  listCodes: { method: 'GET', path: '/v1/codes', query: CodeQuery, response: { 200: CodeList } },
  showCode: { method: 'GET', path: '/v1/codes/:reference', params: Reference, response: { 200: CodeDetail } },
  revokeCode: { method: 'POST', path: '/v1/codes/:reference/revoke', params: Reference, response: { 200: Code } },
  list: { method: 'GET', path: '/v1/enrolments', query: EnrolmentQuery, response: { 200: EnrolmentList } },
  show: { method: 'GET', path: '/v1/enrolments/:reference', params: Reference, response: { 200: EnrolmentDetail } },
  approve: {
    method: 'POST',
    path: '/v1/enrolments/:reference/approve',
    params: Reference,
    body: ApproveRequest,
    response: { 200: Enrolment }
  },
  grant: {
    method: 'PUT',
    path: '/v1/enrolments/:reference/grant',
    params: Reference,
    body: GrantRequest,
    response: { 200: Enrolment }
  },
  reject: {
    method: 'POST',
    path: '/v1/enrolments/:reference/reject',
    params: Reference,
    body: RejectRequest,
    response: { 200: Enrolment }
  },
  release: {
    method: 'POST',
    path: '/v1/enrolments/:reference/release',
    params: Reference,
    body: ReleaseRequest,
    response: { 200: Enrolment }
  },
  retry: {
    method: 'POST',
    path: '/v1/enrolments/:reference/retry',
    params: Reference,
    body: RetryRequest,
    response: { 200: Enrolment }
  },
  joinCommand: {
    method: 'POST',
    path: '/v1/join-commands',
    body: JoinCommandRequest,
    response: { 201: JoinCommand }
  },
  listNodes: { method: 'GET', path: '/v1/nodes', query: NodeQuery, response: { 200: NodeList } },
  holder: {
    method: 'GET',
    path: '/v1/enrolments/:reference/holder',
    params: Reference,
    response: { 200: NameHolder }
  },
  remove: {
    method: 'POST',
    path: '/v1/enrolments/:reference/remove',
    params: Reference,
    response: { 200: Enrolment }
  },
  status: { method: 'GET', path: '/v1/status', response: { 200: Status } }
} as const

/** Where a machine fetches the agent's package: `/install/sha256/<hash>.deb` on the agents' listener. */
export const packagePath = (sha256: string): string => `/install/sha256/${sha256}.deb`
