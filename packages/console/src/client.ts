import { type Call, type ConsoleApi, type ConsoleProblem, calls } from './contract.ts'

/** The console refused a call of the page. */
export class Refusal extends Error {
  readonly problem: ConsoleProblem

  constructor(problem: ConsoleProblem) {
    super(problem.detail ?? problem.title)
    this.name = 'Refusal'
    this.problem = problem
  }
}

/** The calls of the page over HTTP. Each throws `Refusal`, and `TypeError` if the console itself does not answer. */
export const consoleClient = (ask: typeof fetch = (...given) => fetch(...given)): ConsoleApi => {
  const methods = Object.entries<Call>(calls).map(([name, call]) => [
    name,
    async (given?: unknown) => read(await ask(urlOf(call, given), requestOf(call, given)))
  ])
  return Object.fromEntries(methods) as ConsoleApi
}

const urlOf = ({ path, takes }: Call, given: unknown): string => {
  if (takes === 'reference') return `${path}${encodeURIComponent(String(given))}`
  if (takes !== 'query' || given === undefined) return path
  const asked = Object.entries(given as Record<string, string | undefined>).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]]
  )
  return asked.length === 0 ? path : `${path}?${new URLSearchParams(asked)}`
}

const requestOf = ({ method, takes }: Call, given: unknown): RequestInit =>
  takes === 'body'
    ? { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(given) }
    : { method }

const read = async (response: Response): Promise<unknown> => {
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok) return answer
  throw new Refusal(isProblem(answer) ? answer : noProblem(response.status))
}

const isProblem = (answer: unknown): answer is ConsoleProblem =>
  typeof answer === 'object' && answer !== null && 'code' in answer && 'title' in answer && 'status' in answer

const noProblem = (status: number): ConsoleProblem => ({
  type: 'about:blank',
  title: 'The answer is not one of the console',
  status,
  code: 'internal'
})
