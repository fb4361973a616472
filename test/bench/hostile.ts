import { connect } from '@joinery/cli/testing/session'
import { type Figure, median, quantile, round } from './figure.ts'
import type { Tally } from './inside/attacks/attack.ts'
import type { AttackName, EnemyCalls } from './inside/enemy.ts'
import type { HonestCalls, Served } from './inside/honest.ts'
import { type ProcessFigures, processFigures } from './process-figures.ts'
import { cores, openStage, type Stage } from './stage.ts'
import type { Worker } from './worker.ts'

/** What the enemy is to the server: nobody, a machine that waits for approval, or one that is approved and has claimed. */
type Standing = 'stranger' | 'pending' | 'joining'

const rows: { name: string; attack: AttackName; standing: Standing }[] = [
  { name: '12,000 polls/s on one connection', attack: 'polls', standing: 'pending' },
  { name: '10,000 connections held', attack: 'connections', standing: 'stranger' },
  { name: '400 packages that nobody reads', attack: 'downloads', standing: 'stranger' },
  { name: '20,000 changes of keys/s on 12 connections', attack: 'keyUpdates', standing: 'stranger' },
  { name: '60 long chains/s', attack: 'chains', standing: 'stranger' },
  { name: '460 progress/s of a stranger', attack: 'progress', standing: 'stranger' },
  { name: '460 progress/s while joining', attack: 'progress', standing: 'joining' },
  { name: '126 observations/s of 60 KB', attack: 'observations', standing: 'pending' },
  { name: '600 CSRs by one token', attack: 'csrs', standing: 'joining' }
]

/** Machines: to warm up, alone, and under attack; 12.5 a second. */
const count = { warm: 50, alone: 100, attacked: 100 } as const

/** What honest machines feel of one enemy at another address, attack by attack, each on a server of its own. */
export const hostile = async (): Promise<Figure[]> => {
  const figures: Figure[] = []
  for (const row of rows) {
    process.stderr.write(`${row.name}: half a minute\n`)
    figures.push(await measure(row))
  }
  return figures
}

interface Measured {
  alone: Served
  attacked: Served
  tally: Tally
  /** Share of a core. */
  cpu: { alone: number; attacked: number }
  peak: number
  /** How the server ended, where it did. */
  ended?: string
}

const measure = async ({ name, attack, standing }: (typeof rows)[number]): Promise<Figure> => {
  await using stage = await openStage()
  const { server, address, start } = stage
  const honest = start<HonestCalls>('honest', cores.others)
  const enemy = start<EnemyCalls>('enemy', cores.others)
  await honest.call('prepare', address, count.warm + count.alone + count.attacked)
  const codes = {
    warm: await server.call('codes', count.warm),
    alone: await server.call('codes', count.alone),
    attacked: await server.call('codes', count.attacked)
  }
  await enemy.call('arm', address)
  if (standing !== 'stranger') await letIn(stage, enemy, standing)
  await honest.call('join', codes.warm)

  const watch = watchServer(server)
  const alone = await watch.during(() => honest.call('join', codes.alone))
  await enemy.call('begin', attack)
  const attacked = await watch.during(() => honest.call('join', codes.attacked))
  const tally = await enemy.call('end')
  const { peak, ended } = watch.end()
  return figure(name, {
    alone: alone.value,
    attacked: attacked.value,
    tally,
    cpu: { alone: alone.cpu, attacked: attacked.cpu },
    peak,
    ...(ended !== undefined && { ended })
  })
}

const letIn = async ({ server, address }: Stage, enemy: Worker<EnemyCalls>, standing: Standing): Promise<void> => {
  const [code = ''] = await server.call('codes', 1)
  const id = await enemy.call('enrol', code)
  if (standing !== 'joining') return
  const operator = connect(address.socket)
  const { revision, key } = await operator.show(id)
  await operator.approve(id, { revision, key })
  await operator.close()
  await enemy.call('claim')
}

/** Looks at the server ten times a second, so that one which dies has figures too. */
const watchServer = ({ pid, ended }: Stage['server']) => {
  let last: ProcessFigures = { peak: 0, cpu: 0 }
  let end: string | undefined
  void ended.then((why) => {
    end = why
  })
  const look = async () => {
    last = await processFigures(pid).catch(() => last)
  }
  const timer = setInterval(look, 100)
  return {
    during: async <T>(work: () => Promise<T>): Promise<{ value: T; cpu: number }> => {
      await look()
      const before = { ...last, at: performance.now() }
      const value = await work()
      await look()
      return { value, cpu: (last.cpu - before.cpu) / (performance.now() - before.at) }
    },
    end: () => {
      clearInterval(timer)
      return { peak: last.peak, ended: end }
    }
  }
}

const figure = (name: string, { alone, attacked, tally, cpu, peak, ended }: Measured): Figure => {
  const [before, under] = [waits(alone), waits(attacked)]
  const p99 = (of: readonly number[]) => quantile(of, 0.99)
  const slower = p99(under) / p99(before)
  const change = (of: (waits: readonly number[]) => number) => `${duration(of(before))} -> ${duration(of(under))}`
  const percent = (share: number) => (share * 100).toFixed(0)
  const machines = count.attacked
  return {
    name,
    measured: [
      `honest p50 ${change(median)}, p99 ${change(p99)} (x ${Number.isFinite(slower) ? slower.toFixed(1) : '-'})`,
      `${attacked.failures.length} of ${machines} machines failed${mostly(attacked.failures)}, alone ${alone.failures.length} of ${count.alone}`,
      `server ${round(peak / 1e6)} MB at its peak, CPU ${percent(cpu.alone)} -> ${percent(cpu.attacked)} %`,
      ended === undefined ? 'no restart' : `IT DIED (${ended})`,
      `enemy: ${JSON.stringify(tally)}`
    ].join('; '),
    judged: { 'honest-under-attack': slower, 'memory-under-attack': peak / 1e6 },
    spoilt:
      ended !== undefined ? 'the server died' : attacked.failures.length > 0 ? 'honest machines failed' : undefined
  }
}

/** What was never answered counts as longer than all that was. */
const waits = ({ latencies, failures }: Served): number[] => [
  ...latencies,
  ...failures.map(() => Number.POSITIVE_INFINITY)
]

const duration = (milliseconds: number): string =>
  Number.isFinite(milliseconds) ? `${round(milliseconds)} ms` : 'never'

/** The commonest of them, as far as it fits a line. */
const mostly = (failures: readonly string[]): string => {
  const [first] = [...Map.groupBy(failures, (text) => text)].sort(([, a], [, b]) => b.length - a.length)
  return first === undefined ? '' : ` (${first[1].length} by: ${first[0].slice(0, 80)})`
}
