import t from 'tap'
import { waitFor } from './wait-for.ts'

t.test('waitFor returns the first look that is accepted, and looks again after an error', async (t) => {
  const looks = [() => Promise.reject(new Error('refused')), async () => 'starting', async () => 'ready']
  const seen = await waitFor(
    'it',
    () => (looks.shift() ?? (async () => 'too late'))(),
    (text) => text === 'ready',
    10_000
  )
  t.equal(seen, 'ready')
})

t.test('waitFor past its deadline says what it waited for and what it last saw', async (t) => {
  const never = waitFor(
    'the moon',
    async () => ({ phase: 'new' }),
    () => false,
    1
  )
  await t.rejects(never, { message: 'waited 0.001 s for the moon; last seen: {"phase":"new"}' })
  const refused = waitFor(
    'the moon',
    () => Promise.reject(new Error('connection refused')),
    () => true,
    1
  )
  await t.rejects(refused, { message: /last seen: connection refused$/ })
})
