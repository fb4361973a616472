import { InvalidArgumentError, Option } from 'commander'
import { formatDuration, parseDuration } from '../terminal/times.ts'

/** Bounds and default of a lifetime, in seconds. */
interface Lifetime {
  minimum: number
  maximum: number
  default: number
}

/** `--ttl`, a duration within what the server takes; `what` it bounds. */
export const ttlOption = (what: string, lifetime: Lifetime): Option => {
  const bounds = `from ${formatDuration(lifetime.minimum)} to ${formatDuration(lifetime.maximum)}`
  const usual = formatDuration(lifetime.default)
  return new Option('--ttl <duration>', `${what}, ${bounds}`).default(lifetime.default, usual).argParser((text) => {
    const seconds = parseDuration(text)
    if (seconds !== undefined && seconds >= lifetime.minimum && seconds <= lifetime.maximum) return seconds
    throw new InvalidArgumentError(`give a duration ${bounds}, like ${usual}.`)
  })
}
