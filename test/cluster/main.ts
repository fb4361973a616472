import { join } from 'node:path'
import { build } from './bed/build.ts'
import { settingsOf } from './bed/settings.ts'
import { nextSuite, slownessOf, usualTime } from './order/next-suite.ts'
import { type Suite, suites } from './order/suites.ts'
import { nothingSkipped, skippedSuites } from './receipts/skipped-suites.ts'
import { runSuite } from './run-suite.ts'

/**
 * `pnpm test:cluster`: runs each suite that CI runs, or those that are named, as many at a time as the host bears. Ends 1 if one failed.
 * With JOINERY_SUITES_WITHIN, in minutes, a suite that would not end in that time on this host does not begin, and a line says so: CI is
 * ended after a time, and then nothing of it counts. One that still runs some minutes later has failed, and is ended. If half of them are
 * left out by their time, it ends 1 as well. In CI a suite that passed with the same inputs is skipped, and a line says so, unless it is named.
 */
const main = async (names: readonly string[]): Promise<number> => {
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name))
  if (unknown !== undefined) {
    console.error(`there is no suite ${unknown}`)
    return 2
  }
  const chosen = suites.filter(({ name }) => names.length === 0 || names.includes(name))
  const begun = performance.now()
  const elapsed = (): number => (performance.now() - begun) / 1000
  const settings = settingsOf(process.env, new Date())
  const built = await build(settings)
  const isWhole = names.length === 0 && process.env.CI === 'true'
  const { skipped, propose } = isWhole ? await skippedSuites(root, settings.cache, built, process.env) : nothingSkipped
  for (const [name, commit] of skipped) console.log(`-- ${name} SKIPPED: passed with these inputs at ${commit}`)
  const within = Number(process.env.JOINERY_SUITES_WITHIN ?? Number.POSITIVE_INFINITY) * 60
  const left = chosen.filter(({ name }) => !skipped.has(name))
  const running = new Map<Suite, Promise<void>>()
  const passed: { suite: Suite; took: number }[] = []
  const failed: string[] = []
  for (;;) {
    const next = nextSuite(left, [...running.keys()], { within, elapsed: elapsed(), slowness: slownessOf(passed) })
    if (next === undefined) {
      if (running.size === 0) break
      await Promise.race(running.values())
      continue
    }
    left.splice(left.indexOf(next), 1)
    const longest = within + grace - elapsed()
    const end = runSuite(next.name, `${next.name}.cluster.ts`, longest).then((run) => {
      running.delete(next)
      // one that fails early would make the host look fast
      if (run.passed) passed.push({ suite: next, took: run.took })
      else failed.push(next.name)
    })
    running.set(next, end)
  }
  const slowness = slownessOf(passed).toFixed(2)
  for (const { name } of left) console.log(`-- ${name} NOT RUN: this host takes ${slowness} times as long as usual`)
  if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`)
  else if (left.length === 0) await propose()
  const isHalfLeftOut = usualTime(left) > usualTime(chosen) / 2
  // as tap says it: CI must not take a suite that failed by chance for all that was wrong
  if (isHalfLeftOut) console.log('not ok - more than half of the suites, by their time, were left out')
  return failed.length > 0 || isHalfLeftOut ? 1 : 0
}

const root = join(import.meta.dirname, '../..')

/** Seconds for which a suite may run beyond the time that there is for all. */
const grace = 180

process.exitCode = await main(process.argv.slice(2))
