import type { Enrolment } from '@joinery/protocol'
import t from 'tap'
import { castOf } from '../../demo/cast.ts'
import { notes } from '../../demo/notes.ts'
import { enrolmentOf, withSwap } from './enrolments.ts'

const joinery = (words: string) => `joinery ${words}`
const noted = (enrolments: Enrolment[], { once = false, swapIsOn = true } = {}) =>
  notes(castOf(once), enrolments, { joinery, swapOf: () => (swapIsOn ? '/tmp/demo/edge-3/swap' : undefined) })
const ready = (name: string) => enrolmentOf(name, { state: 'ready' })
const [waits, swapped] = [enrolmentOf('edge-2'), enrolmentOf('edge-3', { state: 'approved', ...withSwap })]

t.test('each wait for the newcomer comes with its command', async (t) => {
  t.same(noted([ready('edge-1'), waits, swapped]), [
    ['edge-2 waits for your approval. In a second terminal, in this folder:', '  joinery approve edge-2'],
    [
      'edge-3 fails preflight: swap is on: /dev/vda2. The remedy on a real machine:',
      '  swapoff -a',
      '  # and comment the swap out in /etc/fstab',
      'Its rehearsal, in a second terminal:',
      '  rm /tmp/demo/edge-3/swap'
    ]
  ])
})

t.test('a remedy that was rehearsed is not shown again', async (t) => {
  t.same(noted([ready('edge-1'), ready('edge-2'), swapped], { swapIsOn: false }), [
    ['edge-3 has its swap off now. Its agent looks again within 10 seconds.']
  ])
})

t.test('there is always a next command', async (t) => {
  t.same(noted([ready('edge-1'), ready('edge-2'), enrolmentOf('edge-3', { state: 'joining' })]), [
    ['Nothing to do now. To look closer:', '  joinery show edge-1']
  ])
  t.same(noted([ready('edge-1'), ready('edge-2'), ready('edge-3')])[0]?.[1], '  joinery show edge-1')
  const rejected = enrolmentOf('edge-2', { state: 'rejected', message: 'rejected: not ours' })
  t.same(noted([ready('edge-1'), rejected, ready('edge-3')]), [
    ['edge-2: rejected: not ours. See why:', '  joinery show edge-2']
  ])
})

t.test('before the first enrolment there is something to read', async (t) => {
  t.same(noted([])[0], ['edge-1 boots, and looks at itself.'])
})

t.test('with --once the demo asks for nothing', async (t) => {
  t.notMatch(
    noted([enrolmentOf('edge-1'), waits, swapped], { once: true })
      .flat()
      .join('\n'),
    /second terminal/
  )
  t.same(noted([ready('edge-1'), ready('edge-2'), ready('edge-3')], { once: true }), [])
})
