import t from 'tap'
import { castOf } from '../../demo/cast.ts'
import { decide } from '../../demo/decide.ts'
import { enrolmentOf, now, withSwap } from './enrolments.ts'

const all = [enrolmentOf('edge-1'), enrolmentOf('edge-2'), enrolmentOf('edge-3', withSwap)]
const decided = (once: boolean, enrolments = all, at = now) => decide(castOf(once), enrolments, once, at)

t.test('the demo approves edge-1 and edge-3, and leaves edge-2 and the swap to the newcomer', async (t) => {
  t.same(decided(false), [
    { do: 'approve', name: 'edge-1' },
    { do: 'approve', name: 'edge-3' }
  ])
})

t.test('a newcomer sees a machine wait for three seconds, but not with --once', async (t) => {
  const soon = new Date('2026-01-01T00:00:02.999Z')
  t.same(decided(false, all, soon), [])
  t.equal(decided(true, all, soon).length, 4)
})

t.test('with --once the demo does everything', async (t) => {
  t.same(decided(true), [
    { do: 'approve', name: 'edge-1' },
    { do: 'approve', name: 'edge-2' },
    { do: 'approve', name: 'edge-3' },
    { do: 'turn-swap-off', name: 'edge-3' }
  ])
})

t.test('the demo does nothing twice', async (t) => {
  t.same(decided(true, [enrolmentOf('edge-1', { state: 'approved' }), enrolmentOf('edge-2', { state: 'ready' })]), [])
})
