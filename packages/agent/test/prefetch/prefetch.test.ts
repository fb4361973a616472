import { setImmediate as nextTurn } from 'node:timers/promises'
import { memoryImages } from '@joinery/fake-machine'
import type { PrefetchImage } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { QuickClock } from '@joinery/testing/clocks/quick-clock'
import t from 'tap'
import { failuresAtMost } from '../../src/prefetch/decide-pull.ts'
import { Prefetch } from '../../src/prefetch/prefetch.ts'

const images: PrefetchImage[] = ['a', 'b', 'c'].map((name) => ({
  image: `registry.example.org/${name}:v1`,
  bytes: 1000
}))
const names = images.map(({ image }) => image)
const pull = { do: 'pull', images } as const
const roomy = { free: 90e9, total: 100e9, freeInodes: 9, totalInodes: 10 }

const open = () => {
  const runtime = memoryImages()
  const clock = new QuickClock()
  const lines: string[] = []
  const parts = { space: async () => roomy }
  let most = 0
  let now = 0
  const prefetch = new Prefetch({
    looking: { hasImage: runtime.has, imageSpace: () => parts.space() },
    joining: {
      pullImage: async (image, signal) => {
        now += 1
        most = Math.max(most, now)
        await runtime.pull(image, signal).finally(() => {
          now -= 1
        })
      }
    },
    clock,
    log: { info: (_: unknown, text: string) => void lines.push(text) } as never
  })
  return { runtime, clock, lines, parts, prefetch, atOnce: () => most }
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await nextTurn()
}

t.test('images are pulled one at a time, in their order, and those that are here are not', async (t) => {
  const { runtime, prefetch, atOnce } = open()
  await runtime.pull(names[1] as string)
  prefetch.follow(pull)
  prefetch.follow(pull)
  await eventually('all are here', () => prefetch.progress?.here === 3)
  t.same(runtime.pulled, [names[1], names[0], names[2]])
  t.equal(atOnce(), 1)
  t.same(prefetch.progress, { here: 3, of: 3, left: 0 })
  prefetch.follow({ do: 'finish' })
  t.equal(prefetch.progress, undefined)
})

t.test('after an approval no pull begins, and the one that runs comes to its end', async (t) => {
  const { runtime, prefetch } = open()
  const release = runtime.hold()
  prefetch.follow(pull)
  await eventually('it pulls', () => runtime.pulling !== undefined)
  prefetch.follow({ do: 'finish' })
  await turns()
  t.equal(runtime.pulling, names[0])
  release()
  await turns()
  t.same(runtime.pulled, [names[0]])
})

t.test('after a rejection the pull that runs is given up, and that is no failure', async (t) => {
  const { runtime, prefetch, lines } = open()
  runtime.hold()
  prefetch.follow(pull)
  await eventually('it pulls', () => runtime.pulling !== undefined)
  prefetch.follow({ do: 'stop' })
  await eventually('it pulls no more', () => runtime.pulling === undefined)
  t.same(runtime.pulled, [])
  t.same(lines, [])
})

t.test('a pull that fails is a line in the log, and is left to the kubelet after some tries with pauses', async (t) => {
  const { runtime, clock, prefetch, lines } = open()
  runtime.problem = 'no such host\u001b[2J'
  prefetch.follow({ do: 'pull', images: images.slice(0, 1) })
  await eventually('it gives up', () => lines.length === failuresAtMost)
  await turns()
  t.equal(lines.length, failuresAtMost)
  t.match(lines[0], /not pulled before the approval: no such host\\u\{1b\}\[2J; tried again in 1 min$/)
  t.match(lines.at(-1), /left to the kubelet$/)
  const pauses = clock.slept.filter((milliseconds) => milliseconds !== 5000)
  t.equal(pauses.length, failuresAtMost - 1)
  for (const milliseconds of pauses) t.ok(milliseconds >= 15_000, `${milliseconds}`)
  prefetch.follow({ do: 'pull', images: images.slice(0, 1) })
  await turns()
  t.equal(lines.length, failuresAtMost, 'it is not tried again')
})

t.test('another list ends a pause, and what failed before keeps its own', async (t) => {
  const { runtime, clock, prefetch, lines } = open()
  const pauses: (() => void)[] = []
  // none ends by itself
  clock.sleep = (milliseconds, signal) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => resolve())
    const end = () => {
      clock.pass(milliseconds)
      resolve()
    }
    if (milliseconds !== 5000) pauses.push(end)
    return promise
  }
  runtime.problem = 'no such host'
  prefetch.follow({ do: 'pull', images: images.slice(0, 1) })
  await eventually('it pauses', () => pauses.length === 1)
  t.equal(lines.length, 1)
  runtime.problem = undefined
  prefetch.follow({ do: 'pull', images })
  await eventually('it pauses again', () => pauses.length === 2)
  t.same(runtime.pulled, names.slice(1))
  pauses[1]?.()
  await eventually('all are pulled', () => runtime.pulled.length === 3)
  t.same(prefetch.progress, { here: 3, of: 3, left: 0 })
})

t.test('an image that is wanted no more is forgotten, and looked for again if it comes back', async (t) => {
  const { runtime, prefetch, lines } = open()
  runtime.problem = 'no such host'
  const first = { do: 'pull', images: images.slice(0, 1) } as const
  prefetch.follow(first)
  await eventually('it gives up', () => lines.length === failuresAtMost)
  runtime.problem = undefined
  prefetch.follow({ do: 'pull', images: images.slice(1) })
  await eventually('they are pulled', () => runtime.pulled.length === 2)
  prefetch.follow(first)
  await eventually('they are pulled', () => runtime.pulled.length === 3)
  t.same(prefetch.progress, { here: 1, of: 1, left: 0 })
})

t.test('a pull that fills the disk is given up, and not tried again', async (t) => {
  const { runtime, parts, prefetch, lines } = open()
  runtime.hold()
  prefetch.follow(pull)
  await eventually('it pulls', () => runtime.pulling !== undefined)
  parts.space = async () => ({ ...roomy, free: 20e9 })
  await eventually('it pulls no more', () => runtime.pulling === undefined)
  await turns()
  const left = /the disk would be too full; left to the kubelet$/
  t.match(lines, [left, left, left])
  t.same(runtime.pulled, [])
})

t.test('an image that the disk has no room for is told of once, and the others are pulled', async (t) => {
  const { runtime, prefetch, lines } = open()
  const [first, second] = images.map((image, index) => (index === 0 ? { ...image, bytes: 80e9 } : image))
  const told: unknown[] = []
  const order = { do: 'pull', images: [first, second] as PrefetchImage[] } as const
  await prefetch.telling(
    () => told.push(prefetch.progress),
    async () => {
      prefetch.follow(order)
      await eventually('one is here', () => prefetch.progress?.here === 1)
      prefetch.follow(order)
      await turns()
    }
  )
  t.same(runtime.pulled, [names[1]])
  t.match(lines, [/^an image was not pulled .*: the disk would be too full; left to the kubelet$/, /^pulled an image/])
  t.same(told.at(-1), { here: 1, of: 2, left: 1 })
})

t.test('a disk or a runtime that does not answer stops nothing but the pull', async (t) => {
  const { runtime, parts, prefetch, lines } = open()
  parts.space = async () => Promise.reject(new Error('EIO'))
  prefetch.follow(pull)
  await turns()
  t.same(runtime.pulled, [])
  t.match(lines[0], /: nobody knows how full the disk is; left to the kubelet$/)
  t.same(prefetch.progress, { here: 0, of: 3, left: 3 })
})

t.test('whoever waits hears of each image', async (t) => {
  const { prefetch } = open()
  const told: unknown[] = []
  await prefetch.telling(
    () => told.push(prefetch.progress?.here),
    async () => {
      prefetch.follow(pull)
      await eventually('all are here', () => prefetch.progress?.here === 3)
    }
  )
  t.same(told, [0, 1, 2, 3])
})
