import type { Enrolment } from '@joinery/protocol'
import t from 'tap'
import { castOf } from '../../demo/cast.ts'
import { notes } from '../../demo/notes.ts'
import { enrolmentOf, withoutImage, withSwap } from './enrolments.ts'

const joinery = (words: string) => `joinery ${words}`
const noted = (enrolments: Enrolment[], { once = false, repaired = false } = {}) =>
  notes(castOf(once), enrolments, { joinery, faultOf: (name) => (repaired ? undefined : `/tmp/demo/${name}/fault`) })
const ready = (name: string) => enrolmentOf(name, { state: 'ready' })
const all = ['edge-1', 'edge-2', 'edge-3', 'edge-4'].map(ready)
const [waits, swapped] = [enrolmentOf('edge-2'), enrolmentOf('edge-3', { state: 'approved', ...withSwap })]

t.test('each wait for the newcomer comes with its command', async (t) => {
  t.same(noted([ready('edge-1'), waits, swapped, withoutImage]), [
    ['edge-2 waits for your approval. In a second terminal, in this folder:', '  joinery approve edge-2'],
    [
      'edge-3 fails preflight: swap is on: /dev/vda2. The remedy on a real machine:',
      '  swapoff -a',
      '  # and comment the swap out in /etc/fstab',
      'Its rehearsal, in a second terminal:',
      '  rm /tmp/demo/edge-3/fault'
    ],
    [
      'edge-4 has joined, and its Node is not Ready: the image net:1 of Pod default/net-edge-4 cannot be pulled. See why:',
      '  joinery why edge-4'
    ],
    [
      'The remedy in a real network: open the firewall between the machine and the registry.',
      'Its rehearsal, in a second terminal:',
      '  rm /tmp/demo/edge-4/fault'
    ]
  ])
})

t.test('a remedy that was rehearsed is not shown again', async (t) => {
  t.same(noted([ready('edge-1'), ready('edge-2'), swapped, withoutImage], { repaired: true }), [
    ['edge-3 has its swap off now. Its agent looks again within 10 seconds.'],
    ['edge-4 reaches the registry now. Its Node becomes Ready by itself.']
  ])
})

t.test('there is always a next command', async (t) => {
  t.same(noted([ready('edge-1'), ready('edge-2'), enrolmentOf('edge-3', { state: 'joining' }), ready('edge-4')]), [
    ['Nothing to do now. To look closer:', '  joinery show edge-1']
  ])
  t.same(noted(all)[0]?.[1], '  joinery show edge-1')
  const rejected = enrolmentOf('edge-2', { state: 'rejected', message: 'rejected: not ours' })
  t.same(noted([ready('edge-1'), rejected, ready('edge-3'), ready('edge-4')]), [
    ['edge-2: rejected: not ours. See why:', '  joinery show edge-2']
  ])
})

t.test('before the first enrolment there is something to read', async (t) => {
  t.same(noted([])[0], ['edge-1 boots, and looks at itself.'])
})

t.test('with --once the demo asks for nothing', async (t) => {
  t.notMatch(
    noted([enrolmentOf('edge-1'), waits, swapped, withoutImage], { once: true })
      .flat()
      .join('\n'),
    /second terminal/
  )
  t.same(noted(all, { once: true }), [])
})
