export { age, moment, until } from '@joinery/protocol'

const second = 1
const minute = 60 * second
const hour = 60 * minute

/** Seconds of a duration as Go writes it (`30m`, `1h30m`, `90s`). Undefined if the text is no duration. */
export const parseDuration = (text: string): number | undefined => {
  const [whole, hours = 0, minutes = 0, seconds = 0] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? []
  return whole ? Number(hours) * hour + Number(minutes) * minute + Number(seconds) * second : undefined
}

/** A duration in Go's form: 5400 seconds are `1h30m`. */
export const formatDuration = (seconds: number): string => {
  const parts: [number, string][] = [
    [Math.floor(seconds / hour), 'h'],
    [Math.floor((seconds % hour) / minute), 'm'],
    [seconds % minute, 's']
  ]
  return parts.map(([count, unit]) => (count > 0 ? `${count}${unit}` : '')).join('')
}
