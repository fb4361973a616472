import type { Code, EnrolmentDetail, State } from '@joinery/protocol'
import type { ClusterNode } from '@joinery/server/testing/cluster'

/** A request, and what came of it. Times are milliseconds of fast time. */
export interface Exchange {
  /** Of `agentRoutes` or `operatorRoutes`. */
  call: string
  /** Fingerprint of the machine's key; undefined: it is an operator's. */
  key?: string
  /** Of an operator's: the id that it is about. */
  reference?: string
  body?: unknown
  sent: number
  /** When the answer was there, or nobody waited for it any more. */
  ended: number
  /** Undefined: there was no answer, and nobody knows whether it was done. */
  status?: number
  text?: string
}

/** A call of the server that the cluster carried out, or refused. */
export interface ClusterCall {
  call: string
  args: readonly unknown[]
  /** When the server sent it. */
  sent: number
  /** When it was carried out: perhaps long after its caller was gone. */
  done: number
  refused: boolean
}

/** A certificate that the cluster issued to the holder of a bootstrap token. */
export interface IssuedCertificate {
  tokenId: string
  csr: string
}

export interface Span {
  from: number
  to: number
}

/** All that was seen of one run, from outside of the server. */
export interface History {
  exchanges: readonly Exchange[]
  clusterCalls: readonly ClusterCall[]
  certificates: readonly IssuedCertificate[]
  /** When the server was up, the API answered at once, and the disk had room. */
  quiet: readonly Span[]
  /** What the operators' API and the cluster say at the end. */
  enrolments: readonly EnrolmentDetail[]
  codes: readonly Code[]
  nodes: readonly ClusterNode[]
  /** What must be in no log and not in the store. */
  secrets: readonly string[]
  /** The log, and all files of the store. */
  written: readonly string[]
  /** How the server ended where nobody killed it. */
  ends: readonly string[]
  /** When the log was put back to an older moment, under servers without a memory of it. Undefined if it never was. */
  restored?: number
}

/** What an answer says of an enrolment. */
export interface Sighting {
  id: string
  /** Operators and agents are told of different revisions. */
  side: 'agent' | 'operator'
  revision: number
  state: State
  /** Begun so far. */
  attempts: number
  sent: number
  ended: number
}

/** Every answer that tells an enrolment. */
export const sightings = ({ exchanges }: Pick<History, 'exchanges'>): Sighting[] =>
  exchanges.flatMap(({ status, text = '', sent, ended, key }) => {
    if (status === undefined || status >= 300 || !text.includes('"revision"')) return []
    const { id, revision, state, attempt, attempts } = JSON.parse(text)
    if (revision === undefined) return []
    const side = key === undefined ? 'operator' : 'agent'
    return [{ id, side, revision, state, attempts: attempt ?? attempts.length, sent, ended }]
  })

/** It may have been done: it was, or nobody knows. */
export const mayBeDone = ({ status }: Exchange): boolean => status === undefined || status < 300 || status >= 500

export const isAcknowledged = ({ status }: Exchange): boolean => status !== undefined && status < 300
