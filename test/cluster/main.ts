import { build } from './bed/build.ts'
import { settingsOf } from './bed/settings.ts'
import { runSuite, suiteCommand } from './run-suite.ts'

/**
 * The suites of every landing, in lanes that run beside each other. The first lane has machines, as many as two cores bear: with more
 * than three emulated processors kubeadm gives up. The second has none.
 */
const lanes = [
  ['spine', 'control-plane'],
  ['contract', 'servers']
]

/** `pnpm test:cluster [NAME]...`: plays these suites, or those that are named. Ends 1 if one failed. */
const main = async (names: readonly string[]): Promise<number> => {
  const unknown = names.find((name) => !lanes.flat().includes(name))
  if (unknown !== undefined) {
    console.error(`there is no suite ${unknown}: ${lanes.flat().join(', ')}`)
    return 2
  }
  await build(settingsOf(process.env, new Date()))
  const failed: string[] = []
  await Promise.all(
    lanes.map(async (lane) => {
      for (const name of lane.filter((one) => names.length === 0 || names.includes(one))) {
        const { passed } = await runSuite(name, suiteCommand(`${name}.cluster.ts`))
        if (!passed) failed.push(name)
      }
    })
  )
  if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`)
  return failed.length > 0 ? 1 : 0
}

process.exitCode = await main(process.argv.slice(2))
