import t from 'tap'
import { untilHeeded } from '../../../../src/core/ports/cluster/until-heeded.ts'

/** Work that is refused so many times. Gives its calls, and the pauses between them. */
const refused = async (times: number, isNotHeeded = () => true) => {
  let calls = 0
  const pauses: number[] = []
  const work = async (): Promise<void> => {
    calls += 1
    if (calls <= times) throw new Error('not banned')
  }
  const sleep = async (milliseconds: number): Promise<void> => void pauses.push(milliseconds)
  const failed = await untilHeeded(work, isNotHeeded, sleep).then(
    () => false,
    () => true
  )
  return { calls, pauses, failed }
}

t.test('what the API server heeds a moment later is done again soon', async (t) => {
  t.same(await refused(0), { calls: 1, pauses: [], failed: false })
  t.same(await refused(2), { calls: 3, pauses: [250, 500], failed: false })
})

t.test('a refusal that stays costs the API server six calls in six seconds', async (t) => {
  t.same(await refused(100), { calls: 6, pauses: [250, 500, 1_000, 2_000, 2_000], failed: true })
})

t.test('any other refusal is final', async (t) => {
  t.same(await refused(1, () => false), { calls: 1, pauses: [], failed: true })
})
