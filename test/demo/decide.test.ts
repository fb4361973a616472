import t from 'tap'
import { castOf } from '../../demo/cast.ts'
import { decide } from '../../demo/decide.ts'
import { enrolmentOf, now, withoutImage, withSwap } from './enrolments.ts'

const all = [enrolmentOf('edge-1'), enrolmentOf('edge-2'), enrolmentOf('edge-3', withSwap), enrolmentOf('edge-4')]
const decided = (once: boolean, enrolments = all, at = now) => decide(castOf(once), enrolments, once, at)

t.test('the demo approves all but edge-2, and leaves that one and the faults to the newcomer', async (t) => {
  t.same(decided(false), [
    { do: 'approve', name: 'edge-1' },
    { do: 'approve', name: 'edge-3' },
    { do: 'approve', name: 'edge-4' }
  ])
  t.same(decided(false, [withoutImage]), [])
})

t.test('a newcomer sees a machine wait for three seconds, but not with --once', async (t) => {
  const soon = new Date('2026-01-01T00:00:02.999Z')
  t.same(decided(false, all, soon), [])
  t.equal(decided(true, all, soon).length, 5)
})

t.test('with --once the demo does everything', async (t) => {
  t.same(decided(true), [
    { do: 'approve', name: 'edge-1' },
    { do: 'approve', name: 'edge-2' },
    { do: 'approve', name: 'edge-3' },
    { do: 'repair', name: 'edge-3' },
    { do: 'approve', name: 'edge-4' }
  ])
})

t.test('with --once the demo opens the firewall after the server has said why the Node is not Ready', async (t) => {
  const { cause: _, ...unsaid } = withoutImage
  t.same(decided(true, [unsaid]), [])
  t.same(decided(true, [withoutImage]), [{ do: 'repair', name: 'edge-4' }])
})

t.test('the demo does nothing twice', async (t) => {
  t.same(decided(true, [enrolmentOf('edge-1', { state: 'approved' }), enrolmentOf('edge-2', { state: 'ready' })]), [])
})
