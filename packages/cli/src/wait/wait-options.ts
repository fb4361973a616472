import { InvalidArgumentError, Option } from 'commander'
import { formatDuration, parseDuration } from '../terminal/times.ts'
import { type Awaitable, awaitables } from './judge-awaited.ts'

/** Longest wait if nobody says another one, in seconds. */
const usual = 600

export const timeoutOption = (description = 'longest wait, such as 90s or 1h30m'): Option =>
  new Option('--timeout <duration>', description).default(usual, formatDuration(usual)).argParser(seconds)

const seconds = (text: string): number => {
  const given = text === '0' ? 0 : parseDuration(text)
  if (given !== undefined) return given
  throw new InvalidArgumentError('give a duration like 90s, 10m or 1h30m; 0s looks once.')
}

/** kubectl's words for what Joinery calls by a name of its own. */
const kubectls: Readonly<Record<string, Awaitable>> = { delete: 'removed', create: 'pending' }

/** Reads what to wait for: a point on the way, also as kubectl writes it (`condition=Ready`, `delete`). */
export const parseAwaitable = (text: string): Awaitable => {
  const word = text.replace(/^(condition|state)=/, '').toLowerCase()
  const meant = awaitables.find((one) => one === word) ?? (Object.hasOwn(kubectls, word) ? kubectls[word] : undefined)
  if (meant !== undefined) return meant
  throw new InvalidArgumentError(`give one of: ${awaitables.join(', ')}.`)
}

/** The points for which an approval can wait. */
export const afterApproval = ['joined', 'ready', 'in-service'] as const
