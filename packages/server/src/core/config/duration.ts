import { day, hour, minute } from '@joinery/protocol'
/** Pattern of a duration in the configuration: days, hours or minutes, such as `90d`. */
export const durationPattern = '^[1-9][0-9]{0,4}[dhm]$'

const units = { d: day, h: hour, m: minute }

/** Text of a duration of so many milliseconds, in the largest unit that gives a whole number. */
export const durationOf = (milliseconds: number): string => {
  const unit = (['d', 'h', 'm'] as const).find((one) => milliseconds % units[one] === 0) ?? 'm'
  return `${milliseconds / units[unit]}${unit}`
}

/** Milliseconds of a duration that fits the pattern. */
export const milliseconds = (duration: string): number =>
  Number(duration.slice(0, -1)) * units[duration.slice(-1) as keyof typeof units]
