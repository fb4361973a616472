import { join } from 'node:path'
import { makeLog } from '@joinery/server/testing/base'
import { agentsTls } from '@joinery/server/testing/http'
import { type Figure, median, quantile, round, spread } from './figure.ts'
import type { BareServerCalls } from './inside/bare-server.ts'
import type { Enrolled, LoadCalls } from './inside/load.ts'
import type { Usage } from './inside/usage.ts'
import { cores, openStage } from './stage.ts'

const rounds = 5
const many = 2000
const lanes = 32
const atOnce = 1000

interface Round extends Enrolled {
  count: number
  used: { cpu: number; busy: number }
}

/** Enrolments, each by a new key on a new TLS connection: as many as one core can, and a thousand at the same moment. */
export const enrolments = async (): Promise<Figure[]> => {
  await using stage = await openStage()
  const { server, address, folder } = stage
  const load = stage.start<LoadCalls>('load', cores.others)
  const bare = stage.start<BareServerCalls>('bare-server', cores.server)
  const place = { state: join(folder, 'server'), address: 'https://127.0.0.1:7443' }
  const barePort = await bare.call('start', await agentsTls(place, makeLog()))

  const enrol = async (
    port: number,
    count: number,
    concurrency: number,
    measured: { call(name: 'usage'): Promise<Usage> }
  ): Promise<Round> => {
    await load.call('prepare', count, address.authority)
    const codes = await server.call('codes', count)
    const before = await measured.call('usage')
    const enrolled = await load.call('enrol', port, codes, concurrency)
    const after = await measured.call('usage')
    return { ...enrolled, count, used: { cpu: after.cpu - before.cpu, busy: after.busy - before.busy } }
  }

  const steady: { bare: Round; joinery: Round }[] = []
  const storms: { bare: Round; joinery: Round }[] = []
  // warm: what is measured is not the compiler
  await enrol(address.port, many, lanes, server)
  for (let round = 0; round < rounds; round += 1) {
    steady.push({
      bare: await enrol(barePort, many, lanes, bare),
      joinery: await enrol(address.port, many, lanes, server)
    })
    storms.push({
      bare: await enrol(barePort, atOnce, atOnce, bare),
      joinery: await enrol(address.port, atOnce, atOnce, server)
    })
  }
  return [...steadyFigures(steady), stormFigure(storms)]
}

const steadyFigures = (steady: { bare: Round; joinery: Round }[]): Figure[] => {
  const of = (value: (round: Round) => number) => median(steady.map(({ joinery }) => value(joinery)))
  const rate = of(({ count, elapsed }) => (count / elapsed) * 1000)
  const perCore = of(({ count, used }) => (count / used.busy) * 1000)
  const cpu = (round: Round) => round.used.cpu / round.count
  const ratio = median(steady.map((pair) => cpu(pair.joinery) / cpu(pair.bare)))
  const errors = steady.flatMap(({ joinery }) => joinery.errors)
  const latency = spread(steady.flatMap(({ joinery }) => joinery.latencies))
  return [
    {
      name: 'enrolments on one core',
      measured: `${round(perCore)} /s of a busy core; ${round(rate)} /s by the clock, ${lanes} at a time: ${latency}; ${errors.length} errors`
    },
    {
      name: 'its CPU beside bare node:https',
      measured: `${round(of(cpu))} ms each, ratio ${ratio.toFixed(2)} (median of ${steady.length})`,
      judged: { 'enrolment-beside-https': ratio },
      spoilt: spoiltBy(errors)
    }
  ]
}

const stormFigure = (storms: { bare: Round; joinery: Round }[]): Figure => {
  const p99Of = ({ latencies }: Round) => quantile(latencies, 0.99)
  const p99 = median(storms.map(({ joinery }) => p99Of(joinery)))
  const bare = median(storms.map((storm) => p99Of(storm.bare)))
  const ratio = median(storms.map((storm) => p99Of(storm.joinery) / p99Of(storm.bare)))
  const errors = storms.flatMap(({ joinery }) => joinery.errors)
  return {
    name: `${atOnce} enrolments at once`,
    measured: `p99 ${round(p99)} ms, bare node:https ${round(bare)} ms (medians of ${storms.length}), ratio ${ratio.toFixed(2)}; ${errors.length} errors`,
    judged: { 'storm-beside-https': ratio },
    spoilt: spoiltBy(errors)
  }
}

const spoiltBy = (errors: readonly unknown[]): string | undefined =>
  errors.length === 0 ? undefined : `${errors.length} errors`
