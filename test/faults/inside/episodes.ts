import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleServer } from '../bundle-server.ts'
import { type Episode, runEpisode } from '../episode.ts'
import { keptSeeds } from '../seeds.ts'
import { kinds } from '../site.ts'

/** Of one episode: so long that attempts come to their deadline, which is ten seconds away. */
const episodeSeconds = '25'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', multiple: true },
    minutes: { type: 'string' },
    seconds: { type: 'string', default: episodeSeconds },
    kind: { type: 'string' }
  }
})

/**
 * First those that are given, or that once found something; then, as long as there is time, their successors or fresh ones. Every
 * other one of these has two servers, if nobody says of which kind they are.
 */
function* episodes(): Generator<Pick<Episode, 'seed' | 'kind'>, never> {
  const kind = kinds.find((one) => one === values.kind)
  if (values.kind !== undefined && kind === undefined) throw new Error(`--kind is one of ${kinds.join(', ')}`)
  const given = values.seed?.map(Number)
  for (const seed of given ?? keptSeeds) yield { seed, kind: kind ?? 'file' }
  const last = given?.at(-1)
  for (let seed = last === undefined ? Math.floor(Math.random() * 1e6) * 1000 : last + 1; ; seed += 1) {
    yield { seed, kind: kind ?? (seed % 2 === 0 ? 'cluster' : 'file') }
  }
}

/** Gives whether nothing was found. */
const report = async (number: number, episode: Episode): Promise<boolean> => {
  const { seed, kind, seconds } = episode
  // as tap announces a test: CI counts them by name
  console.log(`    # Subtest: ${kind}, seed ${seed}`)
  const { violations, history, counts } = await runEpisode(episode)
  const words = Object.entries(counts).map(([what, count]) => `${count} ${what}`)
  const verdict = violations.length > 0 ? 'not ok' : 'ok'
  console.log(`${verdict} ${number} - ${kind}, seed ${seed}, ${seconds} s: ${words.join(', ')}`)
  for (const { rule, what } of violations.slice(0, 20)) console.log(`  # ${rule}: ${what}`)
  if (violations.length > 0) {
    const file = join(tmpdir(), `joinery-faults-${seed}.json`)
    writeFileSync(file, JSON.stringify(history), { mode: 0o600 })
    console.log(
      `  # what was seen: ${file}; again: pnpm test:faults --kind ${kind} --seed ${seed} --seconds ${seconds}`
    )
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
  for (const { seed, kind } of episodes()) {
    if (number >= least && performance.now() > lastStart) break
    number += 1
    if (await report(number, { seed, kind, seconds, folder: join(folder, 'disk'), program, smallDisk })) passed += 1
  }
  console.log(`1..${number}\n# { total: ${number}, pass: ${passed}, fail: ${number - passed} }`)
  return passed === number
}

process.stdin.on('end', () => process.exit(1)).resume()
process.exitCode = (await runAll(process.env.JOINERY_FAULTS_FOLDER ?? '')) ? 0 : 1
process.stdin.destroy()
