import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { type Metric, other, type Values } from './metric.ts'
import { type Labels, metricTable, type NameOf } from './table.ts'

type Given = Readonly<Record<string, string>>

/** Most series that a counter has before anything was counted. A counter with more of them begins without any. */
const begunAtMost = 100

/**
 * The numbers of the metric table. Nothing else makes a metric, and no label gets a value that the table does not allow. Counting
 * never throws: what is counted must not fail because of it.
 */
export class Meter {
  readonly #registry = new Registry()
  readonly #counters = new Map<string, Counter>()
  readonly #gauges = new Map<string, Gauge>()
  readonly #histograms = new Map<string, Histogram>()
  /** Values that came for labels that are open, by metric and label. */
  readonly #open = new Map<string, Set<string>>()

  constructor() {
    for (const [name, metric] of Object.entries<Metric>(metricTable)) this.#make(name, metric)
  }

  count<Name extends NameOf<'counter'>>(name: Name, labels: Labels<Name>, by = 1): void {
    this.#counters.get(name)?.inc(this.#within(name, labels as Given), by)
  }

  /** Sets a counter that something else counts. */
  total<Name extends NameOf<'counter'>>(name: Name, labels: Labels<Name>, value: number): void {
    const counter = this.#counters.get(name)
    const within = this.#within(name, labels as Given)
    counter?.remove(within)
    counter?.inc(within, value)
  }

  set<Name extends NameOf<'gauge'>>(name: Name, labels: Labels<Name>, value: number): void {
    this.#gauges.get(name)?.set(this.#within(name, labels as Given), value)
  }

  /** Observes a time in seconds. A time below zero, by a clock that was set, is none. */
  observe<Name extends NameOf<'histogram'>>(name: Name, labels: Labels<Name>, seconds: number): void {
    if (seconds >= 0) this.#histograms.get(name)?.observe(this.#within(name, labels as Given), seconds)
  }

  /** Takes the values of these gauges away: they are not known. */
  forget(...names: NameOf<'gauge'>[]): void {
    for (const name of names) this.#clear(name)
  }

  /**
   * All numbers, in the text format of Prometheus. The library can also give OpenMetrics, but renames its counters for that, and
   * then the text format is wrong from there on. Every Prometheus reads the text.
   */
  async render(): Promise<{ type: string; text: string }> {
    return { type: Registry.PROMETHEUS_CONTENT_TYPE, text: await this.#registry.metrics() }
  }

  #make(name: string, { type, help, labels, buckets }: Metric): void {
    const common = { name, help, labelNames: Object.keys(labels), registers: [this.#registry] }
    if (type === 'histogram') {
      this.#histograms.set(name, new Histogram({ ...common, buckets: [...(buckets ?? [])] }))
      return
    }
    if (type === 'gauge') {
      this.#gauges.set(name, new Gauge(common))
      this.#clear(name)
      return
    }
    const counter = new Counter(common)
    this.#counters.set(name, counter)
    const series = combinations(labels)
    if (series.length <= begunAtMost) for (const one of series) counter.inc(one, 0)
  }

  /** Takes every value of a gauge away. Without labels the library would give zero. */
  #clear(name: string): void {
    const gauge = this.#gauges.get(name)
    gauge?.reset()
    if (Object.keys((metricTable as Record<string, Metric>)[name]?.labels ?? {}).length === 0) gauge?.remove()
  }

  #within(name: string, labels: Given): Given {
    const declared = (metricTable as Record<string, Metric>)[name]?.labels ?? {}
    const fit = (label: string, value = other): string => {
      const values = declared[label]
      return values === undefined || this.#allows(`${name}/${label}`, values, value) ? value : other
    }
    return Object.fromEntries(Object.keys(declared).map((label) => [label, fit(label, labels[label])]))
  }

  #allows(label: string, values: Values, value: string): boolean {
    if (!('open' in values)) return values.includes(value)
    if (!values.form.test(value)) return false
    const seen = this.#open.get(label) ?? new Set()
    if (seen.size < values.open) this.#open.set(label, seen.add(value))
    return seen.has(value)
  }
}

/** Every combination of the values of closed labels. None if a label is open. */
const combinations = (labels: Metric['labels']): Given[] =>
  Object.entries(labels).reduce<Given[]>(
    (made, [label, values]) =>
      'open' in values ? [] : made.flatMap((one) => values.map((value) => ({ ...one, [label]: value }))),
    [{}]
  )
