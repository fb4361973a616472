/** One figure with what it is judged by. */
export interface Figure {
  name: string
  /** With its unit, and how often it was measured. */
  measured: string
  target: string
  /** Undefined where there is no target: it explains another figure. */
  met?: boolean
}

export const line = ({ name, measured, target, met }: Figure): string =>
  `${verdict(met).padEnd(7)} ${name.padEnd(34)} ${target.padEnd(16)} ${measured}`

const verdict = (met: boolean | undefined): string => (met === undefined ? '' : met ? 'met' : 'MISSED')

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
