import t from 'tap'
import { waitUntil } from '../../src/terminal/wait-until.ts'

/** A clock that only pauses move, and looks that take `lasting` milliseconds. */
const play = async (answers: (string | undefined)[], limit: number, lasting = 0) => {
  let now = 0
  const pauses: number[] = []
  let looks = 0
  const seen = await waitUntil(
    async () => {
      now += lasting
      return answers[looks++]
    },
    limit,
    {
      monotonic: () => now,
      pause: async (milliseconds) => {
        pauses.push(milliseconds)
        now += milliseconds
      }
    }
  )
  return { seen, looks, pauses }
}

t.test('it looks at once, and again after pauses that grow to a second', async (t) => {
  t.same(await play(['it'], 1000), { seen: 'it', looks: 1, pauses: [] })
  const late = [...Array.from({ length: 6 }, () => undefined), 'it']
  t.same(await play(late, 60_000), { seen: 'it', looks: 7, pauses: [100, 200, 400, 800, 1000, 1000] })
})

t.test('it gives up at the limit, whether pauses or looks took the time', async (t) => {
  t.match(await play([], 700), { seen: undefined, looks: 4, pauses: [100, 200, 400] })
  t.match(await play([], 700, 350), { seen: undefined, looks: 2, pauses: [100] })
  t.match(await play([], 0), { seen: undefined, looks: 1 })
})
