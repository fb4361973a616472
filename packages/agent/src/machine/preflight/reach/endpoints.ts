import { isIP } from 'node:net'
import { connectionProblem, errorCode } from '@joinery/host/connection-problem'
import { shellWord } from '@joinery/host/text/shell-word'
import type { Host } from '../../../host/host.ts'

/** An address and port to connect to. */
export interface Endpoint {
  /** The endpoint as a person reads it. */
  text: string
  /** A name, or an address without brackets. */
  name: string
  port: number
}

/** Reads host:port, with an IPv6 address in brackets. Undefined if the text is something else. */
export const parseEndpoint = (text: string): Endpoint | undefined => {
  const [, name, port] = /^\[?([^[\]\s/]+?)\]?:(\d{1,5})$/.exec(text) ?? []
  return name === undefined ? undefined : { text, name, port: Number(port) }
}

/** The outcome of connecting to every address of an endpoint. */
export interface Dialled {
  endpoint: Endpoint
  answers: string[]
  problems: Problem[]
}

interface Problem {
  /** Undefined if the name stands for no address. */
  address: string | undefined
  /** The problem in words, as the end of a sentence that begins with the endpoint. */
  problem: string
  /** The system's error code. */
  code: string
}

/** Resolves the name and connects to all of its addresses, side by side. */
export const dial = async (host: Host, endpoint: Endpoint): Promise<Dialled> => {
  const { name, port } = endpoint
  const addresses = isIP(name) === 0 ? await host.resolve(name).catch(unresolved) : [name]
  if (!Array.isArray(addresses)) return { endpoint, answers: [], problems: [addresses] }
  const tried = await Promise.all(
    // in an order that does not change with every answer of the DNS server
    [...new Set(addresses)].sort().map((address) =>
      host.connect(address, port).then(
        () => address,
        (error: unknown): Problem => ({ address, problem: connectionProblem(error), code: errorCode(error) })
      )
    )
  )
  return {
    endpoint,
    answers: tried.filter((one) => typeof one === 'string'),
    problems: tried.filter((one) => typeof one !== 'string')
  }
}

const unresolved = (error: unknown): Problem => {
  const code = errorCode(error)
  // the resolver's own time is over: the error is not from an address that does not answer
  const problem = code === 'ETIMEDOUT' ? 'has a name, and no DNS server answers' : connectionProblem(error)
  return { address: undefined, problem, code }
}

/** The text `HOST answers`. If the endpoint is a name, it also has the addresses that answer. */
export const describeAnswer = ({ endpoint: { text, name }, answers }: Dialled): string =>
  `${text} answers${isIP(name) === 0 ? ` (${answers.join(', ')})` : ''}`

/** The problems of an endpoint, each once with all addresses that have it. */
export const describeProblems = ({ endpoint: { text, name }, problems }: Dialled): string =>
  [...new Set(problems.map(({ problem }) => problem))]
    .map((problem) => {
      const addresses = problems.flatMap((one) => (one.problem === problem ? (one.address ?? []) : []))
      const where = isIP(name) === 0 && addresses.length > 0 ? ` (${addresses.join(', ')})` : ''
      return `${text}${where} ${problem}`
    })
    .join('; ')

/**
 * Remedies for an endpoint that does not answer. They are comments if the remedy is elsewhere. `service`: what should
 * listen there.
 */
export const remedies = ({ endpoint: { name, port }, problems }: Dialled, service: string): string[] => {
  const [first] = problems
  if (first !== undefined && first.address === undefined)
    return [`getent ahosts ${shellWord(name)}`, 'cat /etc/resolv.conf']
  const allow = `# allow TCP port ${port} from this machine to ${name}, and see that ${service} runs there`
  return first?.code === 'ENETUNREACH' ? [`ip route get ${first.address}`, allow] : [allow]
}
