import { parseArgs } from 'node:util'
import { type Mode, modeOf, modes } from './modes.ts'
import { type Played, play } from './play.ts'
import { addTo, nothingPlayed, wordsOf } from './tally.ts'
import { stateFolders } from './world/state-folder.ts'

const { values } = parseArgs({
  // as a package manager passes it on
  args: process.argv.slice(2).filter((word) => word !== '--'),
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6) * 1_000) },
    count: { type: 'string' },
    mode: { type: 'string', multiple: true, default: [...modes] }
  }
})

/** Complaints of one history that are printed. */
const shown = 10

/** The seeds of these modes, from the first one on. */
function* seedsFrom(first: number, wanted: readonly string[]): Generator<number, never> {
  for (let seed = first; ; seed += 1) if (wanted.includes(modeOf(seed))) yield seed
}

const report = (number: number, seed: number, { complaints, counts, trace }: Played): void => {
  const verdict = complaints.length > 0 ? 'not ok' : 'ok'
  console.log(`${verdict} ${number} - seed ${seed} (${modeOf(seed)}): ${wordsOf(counts)}; trace ${trace.slice(0, 12)}`)
  for (const { kind, what } of complaints.slice(0, shown)) console.log(`  # ${kind}: ${what}`)
  if (complaints.length > 0) console.log(`  # again: pnpm test:histories --seed ${seed} --count 1`)
}

/** Plays one history after another. Returns how many found something. */
const playAll = async (): Promise<number> => {
  const count = Number(values.count ?? 100)
  if (!Number.isSafeInteger(Number(values.seed)) || !(count > 0))
    throw new Error('--seed and --count are whole numbers')
  for (const mode of values.mode)
    if (!modes.includes(mode as Mode)) throw new Error(`--mode is one of ${modes.join(', ')}`)
  const { folder, remove } = await stateFolders()
  const complaints = new Map<string, number>()
  let [number, found, all] = [0, 0, nothingPlayed]
  try {
    for (const seed of seedsFrom(Number(values.seed), values.mode)) {
      if (number >= count) break
      number += 1
      const played = await play(seed, folder)
      report(number, seed, played)
      all = addTo(all, played.counts)
      if (played.complaints.length > 0) found += 1
      for (const { kind } of played.complaints) complaints.set(kind, (complaints.get(kind) ?? 0) + 1)
    }
  } finally {
    await remove()
  }
  console.log(`1..${number}\n# ${wordsOf(all)}`)
  console.log(`# complaints: ${[...complaints].map(([kind, many]) => `${many} ${kind}`).join(', ') || 'none'}`)
  console.log(`# { total: ${number}, pass: ${number - found}, fail: ${found} }`)
  return found
}

process.exitCode = (await playAll()) === 0 ? 0 : 1
