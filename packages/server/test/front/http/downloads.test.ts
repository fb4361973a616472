import t from 'tap'
import { Downloads } from '../../../src/front/http/downloads.ts'

t.test('B1: a download is cut when nothing was taken of it for so long, and its place is free', async (t) => {
  let now = 0
  const downloads = new Downloads({ all: 2, ofAddress: 2, idle: 100, retryAfter: 5 }, () => now)
  t.teardown(() => downloads.close())
  const cut: string[] = []
  const begin = (name: string) => {
    const file = { bytesRead: 0 }
    const place = downloads.begin('192.0.2.1', () => cut.push(name))
    place.reads(file)
    return { file, place }
  }
  const [, slow] = [begin('stalled'), begin('slow')]
  t.throws(() => begin('third'), { code: 'too-many-requests', retryAfter: 5 })
  for (const [time, cutBy] of [
    [99, []],
    [100, ['stalled']],
    [190, ['stalled']],
    [280, ['stalled', 'slow']]
  ] as const) {
    now = time
    // it takes a byte now and then, until it stalls as well
    if (time < 190) slow.file.bytesRead += 1
    downloads.sweep()
    t.same(cut, cutBy, `at ${time}`)
  }
  const [one] = [begin('one'), begin('two')]
  t.throws(() => begin('third'), { code: 'too-many-requests' })
  one.place.leave()
  begin('three')
  t.same(cut, ['stalled', 'slow'], 'who leaves makes room, and is not cut')
})
