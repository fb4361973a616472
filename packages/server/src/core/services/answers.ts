import type {
  CausesRequest,
  OwnEnrolment,
  operatorRoutes,
  Reachability,
  ReachabilityRequest,
  Route
} from '@joinery/protocol'
import type { DependencyContainer, InjectionToken } from 'tsyringe'
import type { Static, TSchema } from 'typebox'
import { all } from '../base/parts.ts'
import type { Caller } from './agent/sighting.ts'

/** The parts of a request, in the schemas of its route. */
export interface Asked<R extends Route> {
  params: R extends { params: infer Params extends TSchema } ? Static<Params> : unknown
  query: R extends { query: infer Query extends TSchema } ? Static<Query> : unknown
  body: R extends { body: infer Body extends TSchema } ? Static<Body> : unknown
}

/** Body of the only response of a route. */
type AnswerOf<R extends Route> = Static<R['response'][keyof R['response'] & number]>

/** Calls of operators that features answer. */
type AnsweredByFeatures =
  | 'why'
  | 'listWebhooks'
  | 'testWebhooks'
  | 'resendWebhooks'
  | 'listAuditLogs'
  | 'listAudit'
  | 'readAuditFile'

/** Answers to calls of operators. A feature registers those that it has. */
export type OperatorAnswers = {
  readonly [Name in AnsweredByFeatures]: (
    request: Asked<(typeof operatorRoutes)[Name]>
  ) => Promise<AnswerOf<(typeof operatorRoutes)[Name]>>
}
export const OperatorAnswers = Symbol('OperatorAnswers') as InjectionToken<Partial<OperatorAnswers>>

/** Answers to calls of agents. A feature registers those that it has. */
export interface AgentAnswers {
  reachability(caller: Caller, request: ReachabilityRequest): Promise<Reachability>
  reportCauses(caller: Caller, request: CausesRequest): Promise<OwnEnrolment>
}
export const AgentAnswers = Symbol('AgentAnswers') as InjectionToken<Partial<AgentAnswers>>

/** Notes that somebody read over the socket. `by`: their name, if their command states one. */
export type NoteRead = (by: string | undefined) => void
export const NoteRead = Symbol('NoteRead') as InjectionToken<NoteRead>

/** The answers of all features. A call that no feature answers is a mistake of the program. */
export const answersOf = <Answers extends object>(
  container: DependencyContainer,
  token: InjectionToken<Partial<Answers>>
): Answers => Object.assign({}, ...all(container, token))
