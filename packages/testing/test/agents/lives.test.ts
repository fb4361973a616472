import t, { type Test } from 'tap'
import { livesOf, playLives } from '../../src/agents/lives.ts'

const table: [moments: string, most: number, lives: string[]][] = [
  ['', 3, []],
  ['a', 3, ['a']],
  ['abc', 3, ['abc']],
  ['abcd', 3, ['ac', 'bd']],
  ['abcdefg', 3, ['adg', 'be', 'cf']],
  ['abc', 1, ['a', 'b', 'c']]
]
for (const [moments, most, lives] of table) {
  t.test(`${moments || 'no moment'}, at most ${most} in a life, is ${lives.join(' ') || 'no life'}`, async (t) => {
    t.same(
      livesOf([...moments], most).map((life) => life.join('')),
      lives
    )
  })
}

/** Plays moments, at most three in a life, with a runner that notes each life and whether it was a good one. */
const played = async (moments: string, play: (left: Set<string>) => void): Promise<string[]> => {
  const lives: string[] = []
  const runner = {
    test: async (name: string, act: (t: Pick<Test, 'same'>) => Promise<unknown>) => {
      let ok = true
      const same = (found: unknown[]) => (ok = found.length === 0)
      await act({ same } as unknown as Test).catch(() => (ok = false))
      lives.push(`${name.replaceAll(', ', '')} ${ok ? 'ok' : 'not ok'}`)
      return { ok }
    }
  } as unknown as Test
  await playLives(
    runner,
    [...moments],
    (moments) => moments,
    async (_, left) => play(left),
    3
  )
  return lives
}

t.test('each moment is played once', async (t) => {
  const came: string[] = []
  const all = (left: Set<string>) => {
    came.push(...left)
    left.clear()
  }
  t.same(await played('abcdefg', all), ['adg ok', 'be ok', 'cf ok'])
  t.same(came.sort(), [...'abcdefg'])
})

t.test('a life that fails is played again with one moment a life, so that a test names the moment', async (t) => {
  const fails = (left: Set<string>) => {
    const isBad = left.has('b')
    left.clear()
    if (isBad) throw new Error('b is bad')
  }
  t.same(await played('abcd', fails), ['ac ok', 'bd not ok', 'b not ok', 'd ok'])
})

t.test('a moment that a life did not come to has a life of its own, and must come in it', async (t) => {
  const first = (left: Set<string>) => left.delete([...left][0] as string)
  t.same(await played('abcd', first), ['ac ok', 'bd ok', 'c ok', 'd ok'])
  const never = (left: Set<string>) => left.delete('a')
  t.same(await played('abc', never), ['abc ok', 'b not ok', 'c not ok'])
})
