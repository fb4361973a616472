import { budgets, makeLog } from '@joinery/server/testing/base'
import { type KnownLog, logKeys, type TakeOverParts, takeOver } from '@joinery/server/testing/log'
import { VirtualClock } from '@joinery/testing/clocks/virtual-clock'
import { FakeLogObjects } from '@joinery/testing/log/fake-log-objects'
import t from 'tap'
import { isHere, moduleOf } from './earlier.ts'

/** The last servers that write logs of each format. One of them may stand beside a newer one while hosts are upgraded one by one. */
const earlier = [
  { format: 1, commit: '0ab77e28', file: 'src/log/take-over.ts' },
  { format: 2, commit: '448dcc81', file: 'src/features/high-availability/log/take-over.ts' }
] as const

t.setTimeout(180_000)

/** One log, and the servers that take it over one after the other. */
const openLog = () => {
  const clock = new VirtualClock()
  const objects = new FakeLogObjects(clock)
  const deposed: string[] = []
  let last = 0
  const next = (): number => {
    last += 1
    return last
  }
  const partsOf = (known?: KnownLog): TakeOverParts => ({
    objects: objects.client(),
    keys: [logKeys(Buffer.alloc(32, 7))],
    known,
    seen: undefined,
    mark: () => ({ name: 'mark', text: 'null' }),
    now: () => new Date(0),
    holder: 'host',
    clock,
    random: { bytes: (count) => new Uint8Array(count).fill(next()), id: () => 'log-1' },
    log: makeLog({ write: () => undefined }),
    budget: { ...budgets.clusterLog, gather: 0 },
    mayGoOn: () => true,
    deposed: (reason) => deposed.push(reason)
  })
  return { clock, objects, deposed, partsOf }
}

for (const { format, commit, file } of earlier) {
  const skip = (await isHere(commit)) ? false : `this clone does not have ${commit}: git fetch --unshallow`
  t.test(
    `a server of ${commit}, which writes format ${format}, and the present one on one log`,
    { skip },
    async (t) => {
      const { clock, objects, deposed, partsOf } = openLog()
      const module = (await moduleOf(t, commit, 'packages/server', file)) as { takeOver: typeof takeOver }
      const texts = { a: '1', b: '"\u00fc"' }
      const before = await clock.until(module.takeOver(partsOf()))
      await clock.until(before.appender.append(Object.entries(texts).map(([name, text]) => ({ name, text }))))
      await clock.run(5000)
      const { number } = before.facts()
      await before.close()
      t.equal(objects.head?.format, format)

      const server = await clock.until(takeOver(partsOf({ log: before.log, number, documents: new Map() })))
      const found = () => Object.fromEntries(server.documents.map(({ name, text }) => [name, text]))
      t.match(found(), texts, 'the present one reads what the earlier one wrote')
      await clock.run(5000)
      t.equal(objects.head?.format, 3)

      const snapshot = objects.snapshot()
      const standsBy = clock.until(module.takeOver(partsOf()))
      await t.rejects(standsBy, { code: 'log-newer', message: /format 3/ }, 'the earlier one says why it stands by')
      await clock.run(60_000)
      t.same(objects.snapshot(), snapshot, 'and writes nothing')
      t.same(deposed, [])
    }
  )
}
