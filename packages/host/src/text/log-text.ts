import { asciiJson } from './json.ts'

/** Names of pino's levels. */
const levels: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL'
}

/**
 * A line of pino's log for a person, as the log of Kubernetes is: time, level, the message in quotes, and the fields. Text that
 * somebody else chose is always in quotes and escaped, so that it looks like no other field, and like no other line.
 */
export const logText = (line: string): string => {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>
  const words = [
    `${time}`,
    (levels[Number(level)] ?? `${level}`).padEnd(5),
    ...(msg === undefined ? [] : [quoted(msg)])
  ]
  const pairs = Object.entries(fields).map(
    ([name, value]) => `${name.replace(/[^A-Za-z0-9_.-]/g, '_')}=${quoted(value)}`
  )
  return `${[...words, ...pairs].join(' ')}\n`
}

/** The value in JSON, all of it ASCII. */
const quoted = (value: unknown): string => asciiJson(JSON.stringify(value))
