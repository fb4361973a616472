import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import {
  alertDays,
  causeCodes,
  day,
  type JoinCounts,
  type ProblemCode,
  states,
  version,
  type WebhookCounts
} from '@joinery/protocol'
import { cached } from '../../core/base/cached.ts'
import type { Clock, Monotonic } from '../../core/base/clock.ts'
import type { Logger } from '../../core/base/log.ts'
import type { KnownServers } from '../../core/leadership/servers.ts'
import type { SharedState } from '../../core/leadership/shared-state.ts'
import type { ClusterNode } from '../../core/ports/cluster/nodes.ts'
import type { Counts, StoreSizes } from '../../core/ports/store/counts.ts'
import type { UnknownFields } from '../../core/services/unknown-fields.ts'
import type { Followed } from './followed.ts'
import { measureLog, measureServers } from './measure-log.ts'
import type { Meter } from './meter.ts'
import { other } from './metric.ts'
import { alertLabels } from './table.ts'

interface Parts {
  meter: Meter
  followed: Pick<Followed, 'read' | 'causes' | 'tokens'>
  counts: Pick<Counts, 'sizes'>
  clock: Clock
  monotonic: Monotonic
  log: Logger
  /** Nodes as the last pass saw them. Undefined before the first pass. */
  nodes: () => readonly ClusterNode[] | undefined
  refusals: { readonly totals: Partial<Record<ProblemCode, number>> }
  unknownFields: Pick<UnknownFields, 'totals'>
  waiting: { readonly size: number }
  joins: { counts(): Promise<JoinCounts> }
  connections: () => { known: number; strangers: number }
  /** Counts of each receiver of notices. */
  receivers: () => Promise<readonly WebhookCounts[]>
  servers: Pick<KnownServers, 'list'>
  /** The log that this server shares with others. Undefined if its store is its own. */
  shared: Pick<SharedState, 'log'> | undefined
}

/** Time for which a scrape is given again, in milliseconds: two Prometheus servers, and anybody who asks too often, share one. */
const kept = { value: 1_000, failure: 1_000 }

/** Milliseconds between two samples of the delay of the event loop. */
const sampling = 20

/**
 * Makes the text of a scrape: it reads what is not counted as it happens, and renders all. A part that cannot be read is left out, and
 * counted, so that a damaged store hides nothing else.
 */
export class Scrape {
  readonly #parts: Parts
  readonly #loop: ReturnType<typeof monitorEventLoopDelay>
  readonly #rendered: ReturnType<typeof cached<Awaited<ReturnType<Meter['render']>>>>
  #isSampling = false
  #failing = new Set<string>()

  constructor(parts: Parts) {
    const { meter, monotonic } = parts
    this.#parts = parts
    this.#loop = monitorEventLoopDelay({ resolution: sampling })
    const render = async () => {
      await this.#readAll()
      return meter.render()
    }
    this.#rendered = cached(render, monotonic, kept)
    meter.set('joinery_build_info', { version, node: process.version }, 1)
    meter.set('process_start_time_seconds', {}, performance.timeOrigin / 1000)
  }

  /** The scrape. Whoever asks within a second gets the same one. */
  answer(): ReturnType<Meter['render']> {
    return this.#rendered()
  }

  /** Ends the sampling of the event loop. */
  stop(): void {
    this.#loop.disable()
  }

  async #readAll(): Promise<void> {
    await this.#try(
      'store',
      [
        'joinery_enrolments',
        'joinery_store_rows',
        'joinery_store_bytes',
        'joinery_recent_alerts',
        'joinery_last_alert_timestamp_seconds',
        'joinery_tokens',
        'joinery_joins',
        'joinery_joins_at_once'
      ],
      () => this.#readStore()
    )
    await this.#try('nodes', ['joinery_nodes', 'joinery_nodes_not_ready'], () => this.#readNodes())
    await this.#try('notices', ['joinery_notices', 'joinery_notice_receivers'], () => this.#readNotices())
    await this.#try('server', ['joinery_connections', 'joinery_polls'], () => this.#readServer())
    await this.#try('process', ['process_open_fds', 'joinery_event_loop_delay_seconds'], () => this.#readProcess())
  }

  async #try(
    part: 'store' | 'nodes' | 'notices' | 'process' | 'server',
    gauges: Parameters<Meter['forget']>,
    read: () => void | Promise<void>
  ): Promise<void> {
    const { meter, log } = this.#parts
    try {
      await read()
      this.#failing.delete(part)
    } catch (err) {
      meter.forget(...gauges)
      meter.count('joinery_metrics_failures_total', { part })
      if (!this.#failing.has(part)) log.warn({ err, part }, 'a part of the metrics cannot be read')
      this.#failing.add(part)
    }
  }

  async #readStore(): Promise<void> {
    const { meter, counts, clock, followed, joins } = this.#parts
    const sizes = await counts.sizes(new Date(clock.now().getTime() - alertDays * day))
    await followed.read()
    for (const state of states) meter.set('joinery_enrolments', { state }, sizes.states[state] ?? 0)
    for (const table of ['codes', 'enrolments', 'timeline', 'outsiders', 'decisions'] as const) {
      meter.set('joinery_store_rows', { table }, sizes.rows[table])
    }
    for (const file of ['database', 'wal'] as const) meter.set('joinery_store_bytes', { file }, sizes.bytes[file])
    for (const { event, count, last } of alertsByEvent(sizes.alerts)) {
      meter.set('joinery_recent_alerts', { event }, count)
      meter.set('joinery_last_alert_timestamp_seconds', { event }, last)
    }
    const tokens = followed.tokens(clock.now())
    for (const state of ['open', 'leftover', 'overdue'] as const) meter.set('joinery_tokens', { state }, tokens[state])
    const { now, waiting, atMost, joinsAtOnce } = await joins.counts()
    meter.set('joinery_joins', { state: 'joining' }, now)
    meter.set('joinery_joins', { state: 'waiting' }, waiting)
    meter.set('joinery_joins_at_once', { bound: 'now' }, atMost)
    meter.set('joinery_joins_at_once', { bound: 'configured' }, joinsAtOnce)
  }

  async #readNodes(): Promise<void> {
    const { meter, nodes, followed } = this.#parts
    await followed.read()
    const { causes } = followed
    for (const cause of causeCodes) meter.set('joinery_nodes_not_ready', { cause }, causes.get(cause) ?? 0)
    const seen = nodes()
    if (seen === undefined) return
    const counts = { True: 0, False: 0, Unknown: 0 }
    for (const { ready } of seen) counts[ready] += 1
    for (const ready of ['True', 'False', 'Unknown'] as const) meter.set('joinery_nodes', { ready }, counts[ready])
  }

  async #readNotices(): Promise<void> {
    const { meter, receivers } = this.#parts
    const all = await receivers()
    const sum = (of: 'waiting' | 'dead' | 'sent') => all.reduce((before, counts) => before + counts[of], 0)
    for (const state of ['waiting', 'dead'] as const) meter.set('joinery_notices', { state }, sum(state))
    meter.total('joinery_notices_sent_total', {}, sum('sent'))
    const states = all.map(({ gone, failing }) =>
      gone !== undefined ? 'gone' : failing !== undefined ? 'failing' : 'well'
    )
    for (const state of ['well', 'failing', 'gone'] as const) {
      meter.set('joinery_notice_receivers', { state }, states.filter((one) => one === state).length)
    }
  }

  #readServer(): void {
    const { meter, refusals, unknownFields, waiting, connections, servers, shared } = this.#parts
    for (const [call, count] of unknownFields.totals) meter.total('joinery_unknown_fields_total', { call }, count)
    for (const [problem, count] of Object.entries(refusals.totals)) {
      meter.total('joinery_refusals_total', { problem: problem as ProblemCode }, count)
    }
    const { known, strangers } = connections()
    meter.set('joinery_connections', { peer: 'known' }, known)
    meter.set('joinery_connections', { peer: 'stranger' }, strangers)
    meter.set('joinery_polls', {}, waiting.size)
    meter.set('joinery_server_active', {}, 1)
    measureServers(meter, servers.list())
    measureLog(meter, shared?.log())
  }

  #readProcess(): void {
    const { meter } = this.#parts
    const { user, system } = process.cpuUsage()
    const { rss, heapUsed } = process.memoryUsage()
    meter.total('process_cpu_seconds_total', {}, (user + system) / 1e6)
    meter.set('process_resident_memory_bytes', {}, rss)
    meter.set('nodejs_heap_used_bytes', {}, heapUsed)
    meter.total('joinery_event_loop_busy_seconds_total', {}, performance.eventLoopUtilization().active / 1000)
    this.#readLoop()
    meter.set('process_open_fds', {}, readdirSync('/proc/self/fd').length)
  }

  #readLoop(): void {
    const { meter } = this.#parts
    if (!this.#isSampling) this.#loop.enable()
    this.#isSampling = true
    // nothing was sampled before the first scrape
    if (this.#loop.count === 0) return
    for (const percentile of ['50', '99', '100'] as const) {
      const delay = this.#loop.percentile(Number(percentile)) / 1e9 - sampling / 1000
      meter.set('joinery_event_loop_delay_seconds', { percentile }, Math.max(0, delay))
    }
    this.#loop.reset()
  }
}

/** Number of alerts of each event that the table of metrics has, and time of the last one, in seconds since 1970. 0: there was none. */
const alertsByEvent = (found: StoreSizes['alerts']) => {
  const known: readonly string[] = alertLabels
  return alertLabels.map((event) => {
    const of = Object.entries(found).filter(([one]) => (known.includes(one) ? one : other) === event)
    return {
      event,
      count: of.reduce((sum, [, { count }]) => sum + count, 0),
      last: Math.max(0, ...of.map(([, { last }]) => last.getTime() / 1000))
    }
  })
}
