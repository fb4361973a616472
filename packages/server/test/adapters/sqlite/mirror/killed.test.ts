import { aCode } from '@joinery/testing/documents/code'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t, { type Test } from 'tap'
import type { MirrorStore } from '../../../../src/adapters/sqlite/mirror/open-mirror.ts'
import { picks } from './histories.ts'
import { newFile, openWorld } from './mirror-fixture.ts'

/** A code and its enrolment, which come together. */
const pair = (store: MirrorStore, id: string) =>
  store.commit({ codes: [aCode(id, { enrolment: id })], enrolments: [anEnrolment(id)] })

const idsIn = async (store: MirrorStore) => ({
  codes: (await store.codes()).map(({ id }) => id),
  enrolments: (await store.enrolments()).map(({ id }) => id)
})

/** Lets servers be killed on the way of a batch, one after the other, each on a file that an earlier one had or on a new one. */
const killAgainAndAgain = async (t: Test, seed: number): Promise<{ acknowledged: number; unanswered: number }> => {
  const world = openWorld(t)
  const pick = picks(seed)
  const files = [await newFile(t), await newFile(t)]
  const acknowledged: string[] = []
  let made = 0
  for (let life = 0; life < 12; life += 1) {
    const file = pick(4) === 0 ? ':memory:' : (files[pick(files.length)] as string)
    const { promise: killed, resolve: kill } = Promise.withResolvers<'killed'>()
    const [where, last] = [pick(2) === 0 ? 'before' : 'after', 1 + pick(4)] as const
    let appends = 0
    world.log.ways.before = world.log.ways.after = async () => {}
    world.log.ways[where] = async () => {
      appends += 1
      if (appends < last) return
      kill('killed')
      await new Promise(() => {})
    }
    const store = world.server(file)
    const found = await idsIn(store)
    t.same(found.codes, found.enrolments, 'both of a pair, or none')
    t.same(
      acknowledged.filter((id) => !found.codes.includes(id)),
      [],
      `life ${life}: nothing that was acknowledged is lost`
    )
    t.same(found.codes.length, new Set([...found.codes, ...acknowledged]).size, 'and nothing is there twice')
    for (let isAlive = true; isAlive; ) {
      const together = Array.from({ length: 1 + pick(3) }, async () => {
        made += 1
        const id = `p${made}`
        if ((await pair(store, id)) === 'committed') acknowledged.push(id)
      })
      isAlive = (await Promise.race([Promise.all(together), killed])) !== 'killed'
    }
  }
  world.log.ways.before = world.log.ways.after = async () => {}
  const end = (await idsIn(world.server())).codes
  const unanswered = end.filter((id) => !acknowledged.includes(id)).length
  t.same(world.ends, [])
  return { acknowledged: acknowledged.length, unanswered }
}

t.test('whenever a server is killed, the next one has what was acknowledged, and no half of a commit', async (t) => {
  let [acknowledged, unanswered] = [0, 0]
  for (const seed of [1, 2, 3]) {
    const done = await killAgainAndAgain(t, seed)
    acknowledged += done.acknowledged
    unanswered += done.unanswered
  }
  t.ok(acknowledged > 50, `${acknowledged} were acknowledged`)
  t.ok(unanswered > 0, `${unanswered} were in the log and not answered yet`)
})
