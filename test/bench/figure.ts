import { type TargetName, targets } from './targets.ts'

/** One figure of a run. */
export interface Figure {
  name: string
  /** In words, with its unit, and how often it was measured. */
  measured: string
  /** Values by the targets that judge them. Absent if the figure explains another one. */
  judged?: Partial<Record<TargetName, number>>
  /** Reason why the figure is missed whatever its values are: errors on the way, a server that died. */
  spoilt?: string | undefined
}

/** True if all values of the figure are within their targets. Undefined for a figure that nothing judges. */
export const isMet = ({ judged = {}, spoilt }: Figure): boolean | undefined => {
  const names = namesOf(judged)
  if (names.length === 0) return undefined
  return spoilt === undefined && names.every((name) => isWithin(name, judged[name] ?? Number.NaN))
}

const namesOf = (judged: NonNullable<Figure['judged']>) => Object.keys(judged) as TargetName[]

/** A value that is no number is within nothing. */
const isWithin = (name: TargetName, value: number): boolean => {
  const target = targets[name]
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast
}

export const line = (figure: Figure): string => {
  const { name, measured, judged = {}, spoilt } = figure
  const met = isMet(figure)
  const verdict = met === undefined ? '' : met ? 'met' : 'MISSED'
  const target = namesOf(judged).map(targetWords).join(', ')
  const words = spoilt === undefined ? measured : `${measured}; ${spoilt}`
  return `${verdict.padEnd(7)} ${name.padEnd(34)} ${target.padEnd(16)} ${words}`
}

/** `<= 1.05 x` */
export const targetWords = (name: TargetName): string => {
  const target = targets[name]
  return `${'atMost' in target ? `<= ${target.atMost}` : `>= ${target.atLeast}`} ${target.unit}`
}

/** The value below which the share `q` of all lies: 0.5 gives the median, 0.99 what is called p99. */
export const quantile = (values: readonly number[], q: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** `p50 12 ms, p99 34 ms`. */
export const spread = (milliseconds: readonly number[]): string =>
  `p50 ${round(median(milliseconds))} ms, p99 ${round(quantile(milliseconds, 0.99))} ms`

/** Three digits that count. */
export const round = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))
