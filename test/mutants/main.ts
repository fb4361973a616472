import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { mutants } from './all.ts'
import { type Copy, copyOf } from './copy.ts'
import { type Mutant, misfit, mutated } from './mutant.ts'
import { runTest } from './run-test.ts'

const project = join(import.meta.dirname, '../..')

/**
 * `pnpm test:mutants [--only NAME]...`: takes one rule after the other away, and asks the test that is to notice. Ends 0 only if
 * each mutant was killed. One that does not apply is an error before anything is played.
 */
const main = async (): Promise<number> => {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } })
  const { only } = values
  const unknown = only?.filter((name) => !mutants.some((mutant) => mutant.name === name)) ?? []
  if (unknown.length > 0) return say(`no mutant is called ${unknown.join(', ')}`, 2)
  const chosen = mutants.filter(({ name }) => only === undefined || only.includes(name))
  const unfit = await Promise.all(chosen.map(unfitWords))
  if (unfit.some((words) => words !== '')) return say(unfit.join(''), 1)
  const copies = await Promise.all(Array.from({ length: Math.min(lanes, chosen.length) }, () => copyOf(project)))
  try {
    const broken: string[] = []
    // a test that fails anyway kills nothing
    await inLanes(copies, [...new Set(chosen.map(({ killedBy }) => killedBy))], async (copy, file) => {
      const { ended, says } = await runTest(copy, file)
      if (ended !== 'passes') broken.push(`without a mutant ${file} ${ended}: ${says}`)
    })
    if (broken.length > 0) return say(broken.join('\n'), 1)
    say('without a mutant all of their tests pass')
    let killed = 0
    await inLanes(copies, chosen, async (copy, mutant) => {
      const { ended, says } = await livesAndDies(copy, mutant)
      if (ended === 'fails') killed += 1
      const how = ended === 'fails' ? 'killed' : `SURVIVED (${mutant.rule}), since the test ${ended}`
      say(`${mutant.name}: ${how}, ${mutant.killedBy}: ${says}`)
    })
    return say(`${chosen.length} mutants, ${killed} killed`, killed === chosen.length ? 0 : 1)
  } finally {
    for (const copy of copies) await copy.remove()
  }
}

/** Why a row cannot be played, as a line; empty if it can. */
const unfitWords = async (mutant: Mutant & { name: string }): Promise<string> => {
  const words = misfit(await readFile(join(project, mutant.file), 'utf8').catch(() => ''), mutant)
  return words === undefined ? '' : `${mutant.name} does not apply: ${words}\n`
}

/** Each has a copy of its own. */
const lanes = 2

const inLanes = async <T>(
  copies: readonly Copy[],
  things: readonly T[],
  work: (copy: Copy, thing: T) => Promise<void>
): Promise<void> => {
  const left = things.values()
  await Promise.all(
    copies.map(async (copy) => {
      for (const thing of left) await work(copy, thing)
    })
  )
}

/** What the test says of one mutant. Whatever that is, the copy is as it was afterwards. */
const livesAndDies = async (copy: Copy, mutant: Mutant): ReturnType<typeof runTest> => {
  const file = join(copy.root, mutant.file)
  const source = await readFile(file, 'utf8')
  await writeFile(file, mutated(source, mutant))
  try {
    return await runTest(copy, mutant.killedBy)
  } finally {
    await writeFile(file, source)
  }
}

const say = (line: string, exitCode = 0): number => {
  console.log(line)
  return exitCode
}

process.exitCode = await main()
