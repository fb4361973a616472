const second = 1
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day

/** Steps of kubectl's ages: the two largest units while the second one matters, and never more. */
const steps: [below: number, unit: number, letter: string, rest?: [unit: number, letter: string]][] = [
  [2 * minute, second, 's'],
  [10 * minute, minute, 'm', [second, 's']],
  [3 * hour, minute, 'm'],
  [8 * hour, hour, 'h', [minute, 'm']],
  [2 * day, hour, 'h'],
  [8 * day, day, 'd', [hour, 'h']],
  [2 * year, day, 'd'],
  [8 * year, year, 'y', [day, 'd']]
]

/** The age of an ISO time in kubectl's words: 5s, 3m, 2h, 4d. A clock that is behind shows 0s. */
export const age = (time: string, now: Date): string => {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(time)) / 1000))
  const [, unit, letter, rest] = steps.find(([below]) => seconds < below) ?? [0, year, 'y']
  const left = rest === undefined ? 0 : Math.floor((seconds % unit) / rest[0])
  return `${Math.floor(seconds / unit)}${letter}${left > 0 ? `${left}${rest?.[1]}` : ''}`
}

/** The time until an ISO time, in the words of an age: `in 6d`. A time that is past is `now`. */
export const until = (time: string, now: Date): string =>
  Date.parse(time) <= now.getTime() ? 'now' : `in ${age(now.toISOString(), new Date(time))}`

/** An ISO time without its fraction of a second. */
export const moment = (time: string): string => time.replace(/\.\d+Z$/, 'Z')
