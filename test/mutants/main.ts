import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { mutants } from './all.ts'
import { type Copy, copyOf } from './copy.ts'
import { misfit, mutated } from './fits.ts'
import type { Mutant } from './mutant.ts'
import { runTest } from './run-test.ts'

/**
 * `pnpm test:mutants [--only NAME]...`: takes one rule after the other away, and asks the tests that are to notice. Ends 0 only if
 * each mutant was killed.
 */
const main = async (): Promise<number> => {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } })
  const { only } = values
  const unknown = only?.filter((name) => !mutants.some((mutant) => mutant.name === name)) ?? []
  if (unknown.length > 0) return say(`no mutant is called ${unknown.join(', ')}`, 2)
  const chosen = mutants.filter(({ name }) => only === undefined || only.includes(name))
  const project = join(import.meta.dirname, '../..')
  const copies = await Promise.all(Array.from({ length: Math.min(lanes, chosen.length) }, () => copyOf(project)))
  try {
    const broken = await brokenTests(copies, chosen)
    if (broken.length > 0) return say(`without a mutant these do not pass: ${broken.join(', ')}`, 1)
    say('without a mutant all of their tests pass')
    let killed = 0
    await inLanes(copies, chosen, async (copy, mutant) => {
      const life = await lifeOf(copy, mutant)
      if (life.killed) killed += 1
      say(`${mutant.name}: ${life.killed ? 'killed' : 'SURVIVED'}, ${life.how}`)
    })
    return say(`${chosen.length} mutants, ${killed} killed`, killed === chosen.length ? 0 : 1)
  } finally {
    for (const copy of copies) await copy.remove()
  }
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

/** A test that fails anyway kills nothing. */
const brokenTests = async (copies: readonly Copy[], chosen: readonly Mutant[]): Promise<string[]> => {
  const files = [...new Set(chosen.flatMap(({ killedBy }) => killedBy))]
  const broken: string[] = []
  await inLanes(copies, files, async ({ root, cache }, file) => {
    if ((await runTest(root, file, cache)).ended !== 'passes') broken.push(file)
  })
  return broken
}

/** What became of one mutant, and by which test. Whatever that is, the copy is as it was afterwards. */
const lifeOf = async ({ root, cache }: Copy, mutant: Mutant): Promise<{ killed: boolean; how: string }> => {
  const file = join(root, mutant.file)
  const source = await readFile(file, 'utf8').catch(() => '')
  const unfit = misfit(source, mutant)
  if (unfit !== undefined) return { killed: false, how: `it does not apply: ${unfit}` }
  await writeFile(file, mutated(source, mutant))
  try {
    const how: string[] = []
    for (const test of mutant.killedBy) {
      const result = await runTest(root, test, cache)
      if (result.ended !== 'fails') return { killed: false, how: `${test} ${result.ended}; ${mutant.rule}` }
      how.push(`${test}: ${result.first}`)
    }
    return { killed: true, how: how.join('; ') }
  } finally {
    await writeFile(file, source)
  }
}

const say = (line: string, exitCode = 0): number => {
  console.log(line)
  return exitCode
}

process.exitCode = await main()
