import t from 'tap'
import { allowsPrefetch, imagesAtMost, readPrefetch } from '../../src/machine/prefetch.ts'

t.test('a code for one machine, or with networks, lets a machine know images, unless it says otherwise', async (t) => {
  const from = ['192.0.2.0/24']
  const table: [code: Parameters<typeof allowsPrefetch>[0], allowed: boolean][] = [
    [{}, true],
    [{ uses: 1 }, true],
    [{ uses: 2 }, false],
    [{ uses: 2, from: [] }, false],
    [{ uses: 2, from }, true],
    [{ uses: 2, prefetch: true }, true],
    [{ prefetch: false }, false],
    [{ uses: 2, from, prefetch: false }, false]
  ]
  for (const [code, allowed] of table) t.equal(allowsPrefetch(code), allowed, JSON.stringify(code))
})

t.test('of a hostile list only references are taken, each once, and not too many', async (t) => {
  const pause = 'registry.k8s.io/pause:3.10.1'
  const table: [what: string, answer: unknown, images: object[]][] = [
    ['nothing', undefined, []],
    ['null', null, []],
    ['a text', pause, []],
    ['an object', { length: 1, 0: { image: pause } }, []],
    ['texts', [pause], []],
    ['no image', [{}, null, { image: 7 }, { image: '--all' }, { image: `${pause}\n` }], []],
    ['one twice', [{ image: pause }, { image: pause, bytes: 5 }], [{ image: pause }]],
    ['a size', [{ image: pause, bytes: 5, more: 'no' }], [{ image: pause, bytes: 5 }]],
    ['no size', [{ image: pause, bytes: -1 }], [{ image: pause }]],
    ['no number', [{ image: pause, bytes: '5' }], [{ image: pause }]],
    ['too large', [{ image: pause, bytes: 2 ** 60 }], [{ image: pause }]]
  ]
  for (const [what, answer, images] of table) t.same(readPrefetch(answer), images, what)
  const many = Array.from({ length: 1000 }, (_, number) => ({ image: `registry.k8s.io/pause:${number}` }))
  t.same(readPrefetch(many), many.slice(0, imagesAtMost))
})
