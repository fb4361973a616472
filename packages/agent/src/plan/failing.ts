import { hour, minute } from '@joinery/protocol'
/**
 * The text for a person about an agent that comes to nothing: why, for how long, and when it tries again. Durations
 * are milliseconds of the monotonic clock: this machine's time of day may be wrong.
 */
export const failing = (reason: string, lasted: number, pause: number): string => {
  const since = lasted > 0 ? [`failing for ${inWords(lasted)}`] : []
  return [reason, ...since, `next try in ${inWords(pause)}`].join('; ')
}

/** A duration of milliseconds, as a person says it. */
export const inWords = (milliseconds: number): string => {
  if (milliseconds < 2 * minute) return `${Math.ceil(milliseconds / 1000)} s`
  if (milliseconds < 2 * hour) return `${Math.floor(milliseconds / minute)} min`
  return `${Math.floor(milliseconds / hour)} h`
}
