import Type from 'typebox'
import { CausesRequest } from '../machine/cause.ts'
import { StatementAnswer } from '../trust/statement.ts'
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
import { RecoveryClaimRequest, RecoveryCredential, RecoveryRequest } from './recovery-api.ts'
import type { Routes } from './route.ts'

const Empty = Type.Null()

/** Calls of an agent, on the agents' listener (TLS 1.3, the client certificate's key is the identity). */
export const agentRoutes = {
  enrol: {
    method: 'POST',
    path: '/v1/enrolments',
    summary: 'Enrol with a code; 200 if the same key did so before',
    body: EnrolRequest,
    response: { 200: OwnEnrolment, 201: OwnEnrolment }
  },
  wait: {
    method: 'GET',
    path: '/v1/enrolment',
    summary: 'Wait for news of the enrolment of this key; 204 if there is none',
    query: WaitQuery,
    response: { 200: OwnEnrolment, 204: Empty }
  },
  observe: {
    method: 'PUT',
    path: '/v1/enrolment/observation',
    summary: 'Report newer facts and checks of the machine',
    body: ObservationRequest,
    response: { 200: OwnEnrolment }
  },
  cluster: {
    method: 'GET',
    path: '/v1/cluster',
    summary: 'Read the values of the cluster that a machine needs before it joins',
    response: { 200: ClusterFacts }
  },
  reachability: {
    method: 'POST',
    path: '/v1/enrolment/reachability',
    summary: 'Ask the server to dial this machine back',
    body: ReachabilityRequest,
    response: { 200: Reachability }
  },
  claim: {
    method: 'POST',
    path: '/v1/enrolment/claim',
    summary: 'Claim the credential of the present attempt',
    body: Type.Union([ClaimRequest, Empty]),
    response: { 200: Credential }
  },
  progress: {
    method: 'POST',
    path: '/v1/enrolment/progress',
    summary: 'Report the stage that the join has reached',
    body: ProgressRequest,
    since: { before: 3 },
    response: { 200: OwnEnrolment }
  },
  outcome: {
    method: 'POST',
    path: '/v1/enrolment/outcome',
    summary: 'Report how the join ended; 202 if the cluster could not confirm it yet',
    body: OutcomeRequest,
    response: { 200: OwnEnrolment, 202: OwnEnrolment }
  },
  reportCauses: {
    method: 'PUT',
    path: '/v1/enrolment/causes',
    summary: 'Report why the Node of this machine is not Ready, as the machine sees it',
    body: CausesRequest,
    response: { 200: OwnEnrolment }
  },
  recover: {
    method: 'POST',
    path: '/v1/enrolment/recovery',
    summary: 'Ask for the way back after the kubelet has lost its certificate',
    body: RecoveryRequest,
    response: { 200: OwnEnrolment }
  },
  claimRecovery: {
    method: 'POST',
    path: '/v1/enrolment/recovery/claim',
    summary: 'Claim the certificate of a way back that is approved',
    body: RecoveryClaimRequest,
    response: { 200: RecoveryCredential }
  },
  statement: {
    method: 'GET',
    path: '/v1/statement',
    summary: 'Read what the server says of itself, signed; also one that stands by answers',
    response: { 200: StatementAnswer }
  }
} as const satisfies Routes

/** The path from which a machine fetches the agent's package: `/install/sha256/<hash>.deb` on the agents' listener. */
export const packagePath = (sha256: string): string => `/install/sha256/${sha256}.deb`
