import { isProblemCode, problems } from '@joinery/protocol'
import type { Exchange, History } from '../history.ts'

/** An answer of 500 and more is a problem with its stable code, and has no text of what is inside. */
export const answersKeepTheirText = ({ exchanges }: History): string[] =>
  exchanges.flatMap((exchange) => {
    const fault = (exchange.status ?? 0) >= 500 ? faultOf(exchange) : undefined
    return fault === undefined ? [] : [`${exchange.call} is answered ${exchange.status}: ${fault}: ${exchange.text}`]
  })

/** A stack, a file of this host, an error of Node or of SQLite. */
const inner = /\bat \S+:\d+|\/(tmp|work|home|var)\/|\bE[A-Z]{4,}\b|\b\w*Error\b|sqlite|node:/i

const faultOf = ({ status, text = '' }: Exchange): string | undefined => {
  const problem = parse(text)
  const { code = '', detail } = problem ?? {}
  if (!isProblemCode(code) || problems[code].status !== status) return 'no problem that is known'
  if (code === 'internal') return detail === undefined ? 'nobody expected it' : 'it says what'
  return inner.test(text) ? 'it says what is inside' : undefined
}

const parse = (text: string): { code?: string; detail?: string } | undefined => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
