import { CommandEnd } from '@joinery/host/command-end.ts'
import {
  type ApproveRequest,
  type Code,
  type CodeDetail,
  type CodeQuery,
  type CodeRequest,
  type Enrolment,
  type EnrolmentDetail,
  type EnrolmentQuery,
  type GrantRequest,
  type JoinCommand,
  type JoinCommandRequest,
  type List,
  type NameHolder,
  type NewCode,
  type NodeQuery,
  operatorHeader,
  operatorRoutes,
  type Problem,
  type RejectRequest,
  type ReleaseRequest,
  type RetryRequest,
  type Status,
  type TracedNode
} from '@joinery/protocol'
import { Client as Connection } from 'undici'
import { exitCodes, NoAnswer, ProblemAnswer } from '../terminal/errors.ts'

/** The operators' API. `reference` is a node name or an id. Refusals are thrown as `ProblemAnswer`. */
export interface OperatorClient {
  createCode(body: CodeRequest): Promise<NewCode>
  /** Without a limit all of them, as with the two others. */
  listCodes(query?: CodeQuery): Promise<List<Code>>
  showCode(reference: string): Promise<CodeDetail>
  revokeCode(reference: string): Promise<Code>
  list(query?: EnrolmentQuery): Promise<List<Enrolment>>
  show(reference: string): Promise<EnrolmentDetail>
  approve(reference: string, body: ApproveRequest): Promise<Enrolment>
  grant(reference: string, body: GrantRequest): Promise<Enrolment>
  reject(reference: string, body: RejectRequest): Promise<Enrolment>
  release(reference: string, body: ReleaseRequest): Promise<Enrolment>
  retry(reference: string, body: RetryRequest): Promise<Enrolment>
  joinCommand(body: JoinCommandRequest): Promise<JoinCommand>
  listNodes(query?: NodeQuery): Promise<List<TracedNode>>
  holder(reference: string): Promise<NameHolder>
  remove(reference: string): Promise<Enrolment>
  status(): Promise<Status>
  close(): Promise<void>
}

export interface ConnectOptions {
  /** A call that takes longer is given up; in milliseconds. */
  timeout?: number
  /** Who types, for timeline and log. */
  operator?: string | undefined
}

/** A client on the operators' unix socket. */
export const connect = (socketPath: string, { timeout = 30_000, operator }: ConnectOptions = {}): OperatorClient => {
  // without a path undici would ask a host of that name, over the network
  if (socketPath === '') {
    throw new CommandEnd(exitCodes.usage, 'the path of the socket is empty', 'leave --socket away, or give a path')
  }
  // the host only fills the Host header: the socket decides who answers
  const connection = new Connection('http://joinery-server', { socketPath })

  const call = async <T>(
    route: keyof typeof operatorRoutes,
    reference = '',
    body?: object,
    query: Record<string, string> = {}
  ): Promise<T> => {
    const { method, path } = operatorRoutes[route]
    try {
      const answer = await connection.request({
        method,
        path: path.replace(':reference', encodeURIComponent(reference)),
        query,
        signal: AbortSignal.timeout(timeout),
        headers: {
          ...(operator !== undefined && { [operatorHeader]: operator }),
          ...(body && { 'content-type': 'application/json' })
        },
        ...(body && { body: JSON.stringify(body) })
      })
      return read(answer.statusCode, await answer.body.text()) as T
    } catch (error) {
      throw error instanceof CommandEnd ? error : connectionError(error, socketPath, timeout)
    }
  }

  /** Page by page where no limit is asked for: a server with many must not make one answer of all. */
  const all = async <T>(route: 'list' | 'listCodes', query: EnrolmentQuery | CodeQuery): Promise<List<T>> => {
    if (query.limit !== undefined) return call<List<T>>(route, '', undefined, query)
    const items: T[] = []
    for (let next = query.continue; ; ) {
      const page = { ...query, limit: String(pageSize), ...(next !== undefined && { continue: next }) }
      const answer = await call<List<T>>(route, '', undefined, page)
      items.push(...answer.items)
      next = answer.metadata?.continue
      if (next === undefined) return { items }
    }
  }

  return {
    createCode: (body) => call('createCode', '', body),
    listCodes: (query = {}) => all('listCodes', query),
    showCode: (reference) => call('showCode', reference),
    revokeCode: (reference) => call('revokeCode', reference),
    list: (query = {}) => all('list', query),
    show: (reference) => call('show', reference),
    approve: (reference, body) => call('approve', reference, body),
    grant: (reference, body) => call('grant', reference, body),
    reject: (reference, body) => call('reject', reference, body),
    release: (reference, body) => call('release', reference, body),
    retry: (reference, body) => call('retry', reference, body),
    joinCommand: (body) => call('joinCommand', '', body),
    listNodes: (query = {}) => call('listNodes', '', undefined, query),
    holder: (reference) => call('holder', reference),
    remove: (reference) => call('remove', reference),
    status: () => call('status'),
    close: () => connection.close()
  }
}

/** As kubectl has it. */
const pageSize = 500

const read = (status: number, text: string): unknown => {
  const answer = parse(text)
  if (status < 400 && answer !== undefined) return answer
  if (isProblem(answer)) throw new ProblemAnswer(answer)
  const Failure = status >= 500 ? NoAnswer : CommandEnd
  throw new Failure(exitCodes.failure, `the answer (${status}) is not one of a pairing server`)
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isProblem = (answer: unknown): answer is Problem =>
  typeof answer === 'object' && answer !== null && 'code' in answer && 'title' in answer && 'status' in answer

const connectionError = (error: unknown, socketPath: string, timeout: number): CommandEnd => {
  const { name, message, code } = error as NodeJS.ErrnoException
  const cause = { cause: error }
  if (code === 'EACCES' || code === 'EPERM') {
    return new CommandEnd(exitCodes.denied, `not allowed to open ${socketPath}`, 'run it as root (sudo)', cause)
  }
  const away = (exitCode: CommandEnd['exitCode'], text: string, remedy: string) =>
    new NoAnswer(exitCode, text, remedy, cause)
  if (name === 'TimeoutError') {
    return away(exitCodes.timeout, `no answer within ${timeout / 1000} s`, 'systemctl status joinery-server')
  }
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    const remedy = 'run it on the host of the pairing server, and see: systemctl status joinery-server'
    return away(exitCodes.failure, `no pairing server listens on ${socketPath}`, remedy)
  }
  return away(exitCodes.failure, `the connection broke: ${message}`, 'journalctl --unit joinery-server')
}
