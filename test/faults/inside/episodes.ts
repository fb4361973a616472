import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleServer } from '../bundle-server.ts'
import { type Episode, runEpisode } from '../episode.ts'
import { keptSeeds } from '../seeds.ts'

/** Of one episode: so long that attempts come to their deadline, which is ten seconds away. */
const episodeSeconds = '25'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', multiple: true },
    minutes: { type: 'string' },
    seconds: { type: 'string', default: episodeSeconds }
  }
})

/** First those that are given, or that once found something; then, as long as there is time, the successors of the last one. */
function* seeds(): Generator<number, never> {
  const fresh = Math.floor(Math.random() * 1e6) * 1000
  const first = values.seed?.map(Number) ?? [...keptSeeds, fresh]
  yield* first
  for (let seed = (first.at(-1) ?? fresh) + 1; ; seed += 1) yield seed
}

/** Gives whether nothing was found. */
const report = async (number: number, episode: Episode): Promise<boolean> => {
  const { seed, seconds } = episode
  // as tap announces a test: CI counts them by name
  console.log(`    # Subtest: seed ${seed}`)
  const { violations, history, counts } = await runEpisode(episode)
  const words = Object.entries(counts).map(([what, count]) => `${count} ${what}`)
  const verdict = violations.length > 0 ? 'not ok' : 'ok'
  console.log(`${verdict} ${number} - seed ${seed}, ${seconds} s: ${words.join(', ')}`)
  for (const { rule, what } of violations.slice(0, 20)) console.log(`  # ${rule}: ${what}`)
  if (violations.length > 0) {
    const file = join(tmpdir(), `joinery-faults-${seed}.json`)
    writeFileSync(file, JSON.stringify(history), { mode: 0o600 })
    console.log(`  # what was seen: ${file}; again: pnpm test:faults --seed ${seed} --seconds ${seconds}`)
  }
  return violations.length === 0
}

const runAll = async (folder: string): Promise<boolean> => {
  const program = join(folder, 'server.mjs')
  await bundleServer(program)
  const seconds = Number(values.seconds)
  const least = values.seed?.length ?? keptSeeds.length + 1
  const minutes = Number(values.minutes ?? (values.seed === undefined ? 1.5 : 0))
  // what would end long after the time is not begun
  const lastStart = performance.now() + minutes * 60_000 - (seconds * 1000) / 2
  const smallDisk = process.env.JOINERY_FAULTS_DISK === 'small'
  let [number, passed] = [0, 0]
  for (const seed of seeds()) {
    if (number >= least && performance.now() > lastStart) break
    number += 1
    if (await report(number, { seed, seconds, folder: join(folder, 'disk'), program, smallDisk })) passed += 1
  }
  console.log(`1..${number}\n# { total: ${number}, pass: ${passed}, fail: ${number - passed} }`)
  return passed === number
}

process.stdin.on('end', () => process.exit(1)).resume()
process.exitCode = (await runAll(process.env.JOINERY_FAULTS_FOLDER ?? '')) ? 0 : 1
process.stdin.destroy()
