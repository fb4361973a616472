import t from 'tap'
import { knownBy, makeWorld, textsOf } from '../../packages/server/test/log/log-fixture.ts'
import { isHere, moduleOf } from './earlier.ts'

/** The last servers that write logs of format 1. One of them may stand beside a newer one while hosts are upgraded one by one. */
const commit = '0ab77e28'

t.setTimeout(180_000)

type TakingOver = typeof import('../../packages/server/src/log/take-over.ts')

const skip = (await isHere(commit)) ? false : `this clone does not have ${commit}: git fetch --unshallow`

t.test(`a server of ${commit} and the present one on one log`, { skip }, async (t) => {
  const earlier = (await moduleOf(t, commit, 'packages/server', 'src/log/take-over.ts')) as TakingOver
  const world = makeWorld()
  const texts = { a: '1', b: '"\u00fc"' }
  const before = await world.clock.until(earlier.takeOver(world.parts()))
  await world.clock.until(before.appender.append(Object.entries(texts).map(([name, text]) => ({ name, text }))))
  await world.clock.run(5000)
  const { number } = before.facts()
  await before.close()
  t.equal(world.objects.head?.format, 1)

  const server = await world.start({ known: { log: before.log, number, documents: new Map() } })
  t.same(textsOf(server), texts, 'the present one reads what the earlier one wrote')
  await world.clock.run(5000)
  t.equal(world.objects.head?.format, 2)

  const objects = world.objects.snapshot()
  const standsBy = world.clock.until(earlier.takeOver(world.parts({ known: knownBy(server) })))
  await t.rejects(standsBy, { code: 'log-newer', message: /format 2/ }, 'the earlier one says why it stands by')
  await world.clock.run(60_000)
  t.same(world.objects.snapshot(), objects, 'and writes nothing')
  t.same(server.deposed, [])
  t.same(textsOf(await world.start({ known: knownBy(server) })), texts)
})
