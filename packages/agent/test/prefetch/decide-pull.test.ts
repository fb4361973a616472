import { minute, second } from '@joinery/protocol'
import t from 'tap'
import { decidePull, failuresAtMost, hasRoom, type Pulls, pauseAfterFailure } from '../../src/prefetch/decide-pull.ts'

const [gibi, mebi] = [2 ** 30, 2 ** 20]
const disk = (used: number, total = 100 * gibi) => ({ free: total - used, total, freeInodes: 900, totalInodes: 1000 })
const image = (name: string, bytes?: number) => ({ image: name, ...(bytes !== undefined && { bytes }) })
const pulls = (more: Partial<Pulls>): Pulls => ({
  images: [image('a', mebi), image('b', mebi), image('c', mebi)],
  here: new Set(),
  failed: new Map(),
  space: disk(10 * gibi),
  now: 1000,
  ...more
})

t.test('the next image is the first that is not here, did not fail just now, and has room', async (t) => {
  const failed = (count: number, next: number) => new Map([['a', { count, next }]])
  const table: [what: string, more: Partial<Pulls>, next: unknown][] = [
    ['nothing is here', {}, { pull: image('a', mebi) }],
    ['the first is here', { here: new Set(['a']) }, { pull: image('b', mebi) }],
    ['all are here', { here: new Set(['a', 'b', 'c']) }, 'done'],
    ['nothing is wanted', { images: [] }, 'done'],
    ['the first failed just now', { failed: failed(1, 5000) }, { pull: image('b', mebi) }],
    ['only that one is left', { failed: failed(1, 5000), here: new Set(['b', 'c']) }, { wait: 4000 }],
    ['its pause is over', { failed: failed(1, 1000) }, { pull: image('a', mebi) }],
    ['it failed too often', { failed: failed(failuresAtMost, 0), here: new Set(['b', 'c']) }, 'done'],
    [
      'the first is too large for the disk',
      { images: [image('a', 20 * gibi), image('b', mebi)] },
      { pull: image('b', mebi) }
    ],
    ['the disk is full', { space: disk(71 * gibi) }, 'done'],
    ['nobody knows the disk', { space: undefined }, 'done'],
    ['its size is not known', { images: [image('a')] }, { pull: image('a') }],
    ['its size is not known, and the disk is small', { images: [image('a')], space: disk(0, gibi / 2) }, 'done']
  ]
  for (const [what, more, next] of table) t.same(decidePull(pulls(more)), next, what)
})

t.test('a disk takes no pull that would leave less than 30 % free, of space or of inodes', async (t) => {
  t.ok(hasRoom(disk(69 * gibi), gibi))
  t.notOk(hasRoom(disk(69 * gibi), gibi + 1))
  t.ok(hasRoom({ ...disk(0), freeInodes: 301 }, 0))
  t.notOk(hasRoom({ ...disk(0), freeInodes: 299 }, 0))
  t.ok(hasRoom({ ...disk(0), freeInodes: 0, totalInodes: 0 }, 0), 'btrfs counts no inodes')
  t.notOk(hasRoom({ free: 0, total: 0, freeInodes: 0, totalInodes: 0 }, 1))
})

t.test('an image takes four times the bytes that the registry sends', async (t) => {
  const near = (bytes: number) => decidePull(pulls({ images: [image('a', bytes)], space: disk(66 * gibi) }))
  t.same(near(gibi), { pull: image('a', gibi) })
  t.same(near(gibi + 1), 'done')
})

t.test('an image that failed is tried again after half a minute to ten, never at once', async (t) => {
  const table: [count: number, random: number, pause: number][] = [
    [1, 0, 15 * second],
    [1, 1, 30 * second],
    [2, 1, minute],
    [3, 0, minute],
    [30, 0, 5 * minute],
    [30, 1, 10 * minute]
  ]
  for (const [count, random, pause] of table) t.equal(pauseAfterFailure(count, random), pause, `${count}, ${random}`)
})
