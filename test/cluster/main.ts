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
 * that time on this host does not begin, and a line says so: CI is ended after a time, and then nothing of it counts. If that leaves out
 * half of them by their time, it ends 1 as well.
 */
const main = async (): Promise<number> => {
  const begun = performance.now()
  const elapsed = (): number => (performance.now() - begun) / 1000
  await build(settingsOf(process.env, new Date()))
  const within = Number(process.env.JOINERY_SUITES_WITHIN ?? Number.POSITIVE_INFINITY) * 60
  const left = [...suites]
  const running = new Map<Suite, Promise<void>>()
  const ended: { suite: Suite; took: number }[] = []
  const failed: string[] = []
  for (;;) {
    const next = nextSuite(left, [...running.keys()], { within, elapsed: elapsed(), slowness: slownessOf(ended) })
    if (next === undefined) {
      if (running.size === 0) break
      await Promise.race(running.values())
      continue
    }
    left.splice(left.indexOf(next), 1)
    const before = elapsed()
    const end = runSuite(next).then((passed) => {
      running.delete(next)
      ended.push({ suite: next, took: elapsed() - before })
      if (!passed) failed.push(next.name)
    })
    running.set(next, end)
  }
  const slowness = slownessOf(ended).toFixed(2)
  for (const { name } of left) console.log(`-- ${name} NOT RUN: this host takes ${slowness} times as long as usual`)
  if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`)
  return failed.length > 0 || usualTime(left) > usualTime(suites) / 2 ? 1 : 0
}

const runSuite = async ({ name }: Suite): Promise<boolean> => {
  console.log(`-- ${name} begins`)
  const begun = performance.now()
  const root = join(import.meta.dirname, '../..')
  const argv = ['--disable-coverage', `test/cluster/${name}.cluster.ts`]
  const child = spawn(join(root, 'node_modules/.bin/tap'), argv, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  process.stdout.write(output)
  console.log(`-- ${name} ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round((performance.now() - begun) / 1000)} s`)
  return code === 0
}

process.exitCode = await main()
