import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { build } from './bed/build.ts'
import { settingsOf } from './bed/settings.ts'
import { nextSuite, slownessOf, usualTime } from './order/next-suite.ts'
import { type Suite, suites } from './order/suites.ts'

/**
 * `pnpm test:cluster`: runs each suite that CI runs, as many at a time as the host bears. A suite has a test runner of its own,
 * and its output is printed when it ends. Ends 1 if one failed. With JOINERY_SUITES_WITHIN, in minutes, a suite that would not end in
 * that time on this host does not begin, and a line says so: CI is ended after a time, and then nothing of it counts. One that still runs
 * some minutes later has failed, and is ended. If half of them are left out by their time, it ends 1 as well.
 */
const main = async (): Promise<number> => {
  const begun = performance.now()
  const elapsed = (): number => (performance.now() - begun) / 1000
  await build(settingsOf(process.env, new Date()))
  const within = Number(process.env.JOINERY_SUITES_WITHIN ?? Number.POSITIVE_INFINITY) * 60
  const left = [...suites]
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
    const before = elapsed()
    const end = runSuite(next, within + grace - before).then((isGreen) => {
      running.delete(next)
      // one that fails early would make the host look fast
      if (isGreen) passed.push({ suite: next, took: elapsed() - before })
      else failed.push(next.name)
    })
    running.set(next, end)
  }
  const slowness = slownessOf(passed).toFixed(2)
  for (const { name } of left) console.log(`-- ${name} NOT RUN: this host takes ${slowness} times as long as usual`)
  if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`)
  const isHalfLeftOut = usualTime(left) > usualTime(suites) / 2
  // as tap says it: CI must not take a suite that failed by chance for all that was wrong
  if (isHalfLeftOut) console.log('not ok - more than half of the suites, by their time, were left out')
  return failed.length > 0 || isHalfLeftOut ? 1 : 0
}

/** Process groups of the suites that run. The terminal's own signals do not reach them. */
const groups = new Set<number>()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const group of groups) process.kill(-group, signal)
    process.exit(1)
  })
}

/** Seconds for which a suite may run beyond the time that there is for all. */
const grace = 180

/** Runs a suite, for so many seconds at most. Returns true if it passed. */
const runSuite = async ({ name }: Suite, longest: number): Promise<boolean> => {
  console.log(`-- ${name} begins`)
  const begun = performance.now()
  const root = join(import.meta.dirname, '../..')
  const argv = ['--disable-coverage', `test/cluster/${name}.cluster.ts`]
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit']
  // in a group of its own: the test file itself must end, so that the guardian of its bed tears it down
  const child = spawn(join(root, 'node_modules/.bin/tap'), argv, { cwd: root, stdio, detached: true })
  const group = child.pid as number
  groups.add(group)
  const late = Number.isFinite(longest) ? setTimeout(() => process.kill(-group, 'SIGKILL'), longest * 1000) : undefined
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  clearTimeout(late)
  groups.delete(group)
  process.stdout.write(output)
  console.log(`-- ${name} ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round((performance.now() - begun) / 1000)} s`)
  return code === 0
}

process.exitCode = await main()
