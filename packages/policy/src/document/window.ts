import { day, minute } from '@joinery/protocol'
import { type Between, days } from './policy-document.ts'

/** True if the time is in the window. */
export const isWithinWindow = (between: Between, now: Date): boolean => {
  const [from, to] = [minutesOf(between.from), minutesOf(between.to)]
  const at = now.getUTCHours() * 60 + now.getUTCMinutes()
  const isDay = (date: Date): boolean => {
    const name = days[date.getUTCDay()]
    return name !== undefined && (between.days ?? days).includes(name)
  }
  if (from < to) return isDay(now) && at >= from && at < to
  // over midnight, the window belongs to the day on which it began; from and to alike are the whole day
  return (isDay(now) && at >= from) || (isDay(new Date(now.getTime() - day)) && at < to)
}

/** The next time at which the window begins or ends on some day. */
export const nextEdge = ({ from, to }: Between, now: Date): Date => {
  const midnight = Math.floor(now.getTime() / day) * day
  const edges = [from, to].map((text) => midnight + minutesOf(text) * minute)
  const later = edges.map((edge) => (edge > now.getTime() ? edge : edge + day))
  return new Date(Math.min(...later))
}

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
