import { day as aDay, hour, minute, second } from '@joinery/protocol/browser'

const steps: [unit: number, letter: string, rest?: [unit: number, letter: string]][] = [
  [aDay, 'd', [hour, 'h']],
  [hour, 'h', [minute, 'm']],
  [minute, 'm', [second, 's']]
]

/** A duration in words, at most two units: `350 ms`, `4.2 s`, `3m 12s`, `2h`. A negative one is `0 ms`. */
export const span = (milliseconds: number): string => {
  const length = Math.max(0, Math.round(milliseconds))
  if (length < second) return `${length} ms`
  if (length < 10 * second) return `${(Math.floor(length / 100) / 10).toFixed(1)} s`
  if (length < minute) return `${Math.floor(length / second)} s`
  const [unit, letter, rest] = steps.find(([unit]) => length >= unit) ?? [minute, 'm']
  const left = rest === undefined ? 0 : Math.floor((length % unit) / rest[0])
  return `${Math.floor(length / unit)}${letter}${left > 0 ? ` ${left}${rest?.[1]}` : ''}`
}

/** Milliseconds from one ISO time to another. Undefined if one of them is missing or no time. */
export const between = (from: string | undefined, to: string | undefined): number | undefined => {
  const length = Date.parse(to ?? '') - Date.parse(from ?? '')
  return Number.isNaN(length) ? undefined : length
}

/** An ISO time as the clock of the operator shows it, in the words of their language. */
export const clockTime = (time: string, locale?: string): string =>
  Number.isNaN(Date.parse(time))
    ? time
    : new Date(time).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'medium' })

/** The day of an ISO time, as the operator's clock has it. */
export const day = (time: string, locale?: string): string =>
  Number.isNaN(Date.parse(time)) ? time : new Date(time).toLocaleDateString(locale, { dateStyle: 'medium' })
