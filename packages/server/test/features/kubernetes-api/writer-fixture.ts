import { randomUUID } from 'node:crypto'
import { lifetimes, type TimelineEvent } from '@joinery/protocol'
import type { InstallationView } from '@joinery/protocol/door'
import { eventually } from '@joinery/testing/clocks/eventually'
import { type FakeCluster, fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import type { Test } from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import type { budgets } from '../../../src/core/base/budgets.ts'
import { type Monotonic, systemClock, systemMonotonic } from '../../../src/core/base/clock.ts'
import { makeLog } from '../../../src/core/base/log.ts'
import type { Commits } from '../../../src/core/commit/commits.ts'
import { entry } from '../../../src/core/enrolment/decision/decision.ts'
import { withShown } from '../../../src/core/enrolment/facts/shown.ts'
import type { EnrolmentDocument } from '../../../src/core/ports/store/documents/enrolment-document.ts'
import type { WritableStore } from '../../../src/core/ports/store/store.ts'
import { ViewWriter } from '../../../src/features/kubernetes-api/view-writer.ts'
import { commitsTo } from '../../../src/testing/commit.ts'

export const key = `sha256:${'ab'.repeat(32)}`

/** An enrolment under an id as the server makes them, each with a key of its own. */
export const aMachine = (part: EnrolmentPart = {}): EnrolmentDocument => {
  const id = randomUUID()
  return anEnrolment(id, { key: `sha256:${id.replaceAll('-', '').repeat(2)}`, name: `worker-${id}` }, part)
}

export const installation: InstallationView = {
  server: 'https://10.0.0.1:7443',
  pin: key,
  certificateAuthority: '-----BEGIN CERTIFICATE-----\n',
  apiEndpoint: '10.0.0.1:6443',
  version: '0.1.0',
  observedGeneration: 1
}

/** A rehearsal shows in milliseconds what takes a real server a second. */
export const quick: typeof budgets.views = {
  writes: { each: 1, burst: 1_000 },
  each: 1,
  arriving: 1,
  putBack: 1,
  sweep: 30,
  page: 1
}
/** Without looks: what the watch and the commits tell is all there is. */
export const watchful = { ...quick, sweep: 600_000 }

export interface Server {
  store: WritableStore
  writer: ViewWriter
  log(): string
  /** Ends the writer, as the end of the process does. */
  stop(): void
  /** Resolves when the writer was ended, and nothing of it is under way. */
  over: Promise<void>
}

export interface Writers {
  cluster: FakeCluster
  /** The truth of a server: it can end, and start again with another writer. */
  truth: WritableStore
  start(more?: {
    store?: WritableStore
    budget?: typeof budgets.views
    knowsNodes?: () => boolean
    monotonic?: Monotonic
  }): Server
  /** The status of the enrolment's object. Undefined if there is none. */
  shown(id: string): Record<string, unknown> | undefined
  /** Waits until no write comes any more, and gives the number of writes. */
  quiet(): Promise<number>
  /** Waits until the writers have read so many pages of lists, or tried to. */
  looks(pages: number): Promise<true>
}

export const openWriters = async (t: Test): Promise<Writers> => {
  const cluster = await fakeCluster(systemClock)
  const truth = sqliteStore(':memory:')
  // the writer's own pauses keep no process alive
  const alive = setInterval(() => {}, 60_000)
  t.teardown(() => {
    clearInterval(alive)
    truth.close()
  })
  let pages = 0
  const { page } = cluster.views
  cluster.views.page = (...asked) => {
    pages += 1
    return page(...asked)
  }
  const start: Writers['start'] = (more = {}) => {
    const { store = truth, budget = quick, knowsNodes = () => true, monotonic = systemMonotonic } = more
    const stop = new AbortController()
    const lines: string[] = []
    const writer: ViewWriter = new ViewWriter({
      store,
      commits: {
        get place() {
          return commits.place
        }
      },
      views: cluster.views,
      machines: {
        withCheck: async (enrolment) => enrolment,
        get knowsNodes() {
          return knowsNodes()
        }
      },
      lifetimes,
      installation: async () => installation,
      budget,
      monotonic,
      log: makeLog({ write: (line) => void lines.push(line) })
    })
    const commits: Commits = commitsTo(store, [{ name: 'views', take: (committed) => writer.take(committed) }])
    const over = writer.start(stop.signal)
    t.teardown(() => stop.abort())
    return {
      store: { ...store, commit: (change) => commits.append(change) },
      writer,
      log: () => lines.join(''),
      stop: () => stop.abort(),
      over
    }
  }
  return {
    cluster,
    truth,
    start,
    shown: (id) => cluster.views.statuses('enrolments').get(id) as Record<string, unknown> | undefined,
    quiet: async () => {
      let [before, same] = [-1, 0]
      return eventually('no write comes any more', async () => {
        const writes = cluster.views.writes()
        same = writes === before ? same + 1 : 0
        before = writes
        return same === 4 && writes
      })
    },
    looks: (more) => {
      const enough = pages + more
      return eventually(`${more} pages are read`, () => pages >= enough)
    }
  }
}

/** Changes an enrolment as a commit of the server does. `event`: as its timeline names it. */
export const change = async (
  store: WritableStore,
  id: string,
  part: EnrolmentPart,
  event: TimelineEvent = 'evidence-changed'
): Promise<void> => {
  const before = await store.enrolment(id)
  if (before === undefined) throw new Error(`no enrolment ${id}`)
  const entries = [{ subject: id, entry: entry(new Date(), 'agent', event, '') }]
  await store.commit({ enrolments: [withShown(before, anEnrolment(id, before, part))], entries })
}
