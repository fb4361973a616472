import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { build } from './bed/build.ts'
import { settingsOf } from './bed/settings.ts'
import { nextSuite } from './order/next-suite.ts'
import { type Suite, suites } from './order/suites.ts'

/**
 * `pnpm test:cluster`: runs each suite that CI runs, as many at a time as the host bears. A suite has a test runner of its own,
 * and its output is printed when it ends. Ends 1 if one failed.
 */
const main = async (): Promise<number> => {
  await build(settingsOf(process.env, new Date()))
  const left = [...suites]
  const running = new Map<Suite, Promise<void>>()
  const failed: string[] = []
  while (left.length + running.size > 0) {
    const next = nextSuite(left, [...running.keys()])
    if (next === undefined) {
      await Promise.race(running.values())
      continue
    }
    left.splice(left.indexOf(next), 1)
    const ended = runSuite(next).then((passed) => {
      running.delete(next)
      if (!passed) failed.push(next.name)
    })
    running.set(next, ended)
  }
  if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`)
  return failed.length > 0 ? 1 : 0
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
