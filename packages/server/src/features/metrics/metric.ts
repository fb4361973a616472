/** One metric as it is declared: its kind, what it says, and the values that each of its labels can have. */
export interface Metric {
  type: 'counter' | 'gauge' | 'histogram'
  /** Sentence for a person, as the scrape and the reference page show it. */
  help: string
  /** Unit of the values. Absent if they are a number of things. */
  unit?: 'seconds' | 'bytes'
  labels: Readonly<Record<string, Values>>
  /** Upper bounds of a histogram. */
  buckets?: readonly number[]
}

/**
 * Values of a label. A list is closed: the metric has a series for each value from the start, and a value that is not in the list
 * is counted as `other`. `open`: the values come as they come, and the first so many have series; the rest is `other`.
 */
export type Values = readonly string[] | Open

export interface Open {
  open: number
  /** Form of a value. What does not fit is `other`. */
  form: RegExp
  /** Words for the page. */
  what: string
}

/** The value of a label for all that is none of the others. */
export const other = 'other'

type Labels = Metric['labels']

export const counter = <const L extends Labels>(help: string, labels: L, unit?: Metric['unit']) =>
  declare('counter', help, labels, unit)

export const gauge = <const L extends Labels>(help: string, labels: L, unit?: Metric['unit']) =>
  declare('gauge', help, labels, unit)

/** A histogram of times, in seconds. */
export const histogram = <const L extends Labels>(help: string, labels: L, buckets: readonly number[]) => ({
  ...declare('histogram', help, labels, 'seconds'),
  buckets
})

const declare = <const T extends Metric['type'], const L extends Labels>(
  type: T,
  help: string,
  labels: L,
  unit: Metric['unit']
) => ({ type, help, labels, ...(unit !== undefined && { unit }) })

/** Numbers of things, by the label of one metric. */
export type LabelsOf<M extends Metric> = { [Name in keyof M['labels']]: ValueOf<M['labels'][Name]> }
type ValueOf<V extends Values> = V extends readonly (infer One extends string)[] ? One : string
