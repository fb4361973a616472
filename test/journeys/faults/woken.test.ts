import { Enrolments } from '@joinery/server/testing/commit'
import { inTime } from '@joinery/testing/clocks/eventually'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve } from '@joinery/testing/pairing/steps'
import t from 'tap'

const ever = new AbortController().signal
const name = 'worker-1'
/** In seconds: who is not woken waits as long. */
const long = 40
const early = { patience: (long / 2) * 1000 }

t.test('a change wakes a waiting poll long before its end', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { revision } = await machine.enrol((await pairing.code(name)).code)
  const waiting = machine.server.wait(revision, long, ever)
  // an answer to what was sent later: by then it waits
  await machine.server.wait(0, 0, ever)
  await approve(pairing, name)
  t.match(await inTime('it is woken', waiting, early), { state: 'approved' })
})

t.test('a change between the look and the wait is not missed', async (t) => {
  let afterLook = async (): Promise<unknown> => undefined
  const pairing = await openPairing(t, {}, undefined, (container) => {
    const enrolments = container.resolve(Enrolments)
    const look = enrolments.changeOwn.bind(enrolments)
    enrolments.changeOwn = async (key, decide) => {
      const seen = await look(key, decide)
      const act = afterLook
      afterLook = async () => undefined
      await act()
      return seen
    }
  })
  const machine = await pairing.machine()
  const { revision } = await machine.enrol((await pairing.code(name)).code)
  let changed = false
  afterLook = async () => {
    await approve(pairing, name)
    changed = true
  }
  t.match(await inTime('it is woken', machine.server.wait(revision, long, ever), early), { state: 'approved' })
  t.ok(changed, 'while it was looked')
})
