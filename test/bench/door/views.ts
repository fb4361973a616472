import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Bed, openBed } from '../../cluster/bed/bed.ts'
import { waitFor } from '../../cluster/bed/wait-for.ts'
import { installProduct, minutes } from '../../cluster/product.ts'
import { componentMetrics, type Sample, sum } from '../cluster/component-metrics.ts'
import { type Figure, round } from '../figure.ts'
import { growth } from '../inside/growth-plan.ts'

/** Until the API server has collected what the first filling left, in seconds. */
const rest = 90
const measured = 180
const enrolments = growth.nodes + growth.ended

/**
 * What it costs a real API server and its etcd to show the enrolments of a large cluster: the first filling, and then each minute
 * in which nothing happens. Needs root and Go.
 */
export const viewsCost = async (): Promise<Figure[]> => {
  const bed = await openBed()
  try {
    const product = await installProduct(bed)
    await sleep(rest * 1000)
    const empty = await look(bed)
    const idle = await costOf(bed)
    await product.kill()
    const program = resolve(import.meta.dirname, '../inside/view-store.ts')
    const filled = await bed.exec([process.execPath, program, '/var/lib/joinery-server/joinery.db'])
    if (filled.code !== 0) throw new Error(filled.stderr)

    const before = await look(bed)
    const begun = performance.now()
    await product.start()
    const all = ({ shown }: Look): boolean => shown >= enrolments
    await waitFor(`${enrolments} to be shown`, () => look(bed), all, 60 * minutes, 2000)
    const filling = (performance.now() - begun) / 1000
    const full = await look(bed)
    await sleep(rest * 1000)
    const quiet = await costOf(bed)
    return figuresOf({ empty, idle, before, filling, full, quiet, kubernetes: bed.kubernetes })
  } finally {
    await bed.close()
  }
}

/** What the API server and etcd say of themselves at one moment. Sizes in bytes, CPU in seconds. */
interface Look {
  /** Enrolments that were made since the API server started. */
  shown: number
  /** Requests since the API server started that write a view, and those that list views. */
  writes: number
  lists: number
  api: { memory: number; cpu: number }
  etcd: { memory: number; cpu: number }
  /** Database of etcd: the file, and of it what is in use. */
  file: number
  used: number
}

const look = async (bed: Bed): Promise<Look> => {
  const { api, etcd } = await componentMetrics(bed)
  const own = (of: Sample[]) => ({
    memory: sum(of, 'process_resident_memory_bytes'),
    cpu: sum(of, 'process_cpu_seconds_total')
  })
  const requests = (verbs: RegExp) =>
    sum(api, 'apiserver_request_total', /resource="(enrolments|installations)"/, verbs)
  return {
    shown: sum(api, 'apiserver_request_total', /resource="enrolments"/, /verb="POST"/, /code="201"/),
    writes: requests(/verb="(POST|PUT|PATCH|APPLY|DELETE)"/),
    lists: requests(/verb="LIST"/),
    api: own(api),
    etcd: own(etcd),
    file: sum(etcd, 'etcd_mvcc_db_total_size_in_bytes'),
    used: sum(etcd, 'etcd_mvcc_db_total_size_in_use_in_bytes')
  }
}

/** What a time costs in which nothing happens: counts of each minute, CPU in percent of a core, memory in the end. */
const costOf = async (bed: Bed) => {
  const before = await look(bed)
  await sleep(measured * 1000)
  const after = await look(bed)
  const each = (of: (one: Look) => number, unit: number) => ((of(after) - of(before)) * unit) / measured
  return {
    writes: each(({ writes }) => writes, 60),
    lists: each(({ lists }) => lists, 60),
    apiCpu: each(({ api }) => api.cpu, 100),
    etcdCpu: each(({ etcd }) => etcd.cpu, 100),
    after
  }
}

interface Seen {
  empty: Look
  idle: Awaited<ReturnType<typeof costOf>>
  before: Look
  filling: number
  full: Look
  quiet: Awaited<ReturnType<typeof costOf>>
  kubernetes: string
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
const percent = (value: number): string => `${value.toFixed(1)} %`

const figuresOf = ({ empty, idle, before, filling, full, quiet, kubernetes }: Seen): Figure[] => {
  const { after } = quiet
  const made = full.writes - before.writes
  const memory = (of: (one: Look) => number) => `${megabytes(of(empty))} -> ${megabytes(of(after))}`
  return [
    {
      name: 'views: writes while nothing happens',
      measured:
        `${round(quiet.writes)} a minute in ${measured} s, ${round(quiet.lists)} lists a minute; ` +
        `${growth.nodes} ready, ${growth.ended} ended; Kubernetes ${kubernetes}`,
      judged: { 'writes-of-views': quiet.writes }
    },
    {
      name: 'views: the first filling',
      measured: `${filling.toFixed(0)} s, ${made} writes, ${round(made / filling)} each second`
    },
    {
      name: 'views: memory of the API server',
      measured: `${memory(({ api }) => api.memory)}, when all are shown ${megabytes(full.api.memory)}`
    },
    {
      name: 'views: memory of etcd',
      measured: `${memory(({ etcd }) => etcd.memory)}, when all are shown ${megabytes(full.etcd.memory)}`
    },
    {
      name: 'views: database of etcd',
      measured: `file ${memory(({ file }) => file)}, in use ${memory(({ used }) => used)}`
    },
    {
      name: 'views: CPU while nothing happens',
      measured:
        `API server ${percent(idle.apiCpu)} -> ${percent(quiet.apiCpu)} of a core, ` +
        `etcd ${percent(idle.etcdCpu)} -> ${percent(quiet.etcdCpu)}`
    }
  ]
}
