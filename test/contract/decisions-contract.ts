import { randomUUID } from 'node:crypto'
import type { Decisions, DecisionsWorld, SeenDecision } from '@joinery/server/testing/kubernetes-door'
import type { ClusterWorld } from '@joinery/server/testing/rehearsal'
import { eventually } from '@joinery/testing/cluster/cluster-fixture'
import type { Test } from 'tap'

export interface OpenDecisions {
  decisions: Decisions
  world: DecisionsWorld & Pick<ClusterWorld, 'unbindPolicy'>
  /** User by whom `world` makes Decisions. */
  user: string
  close(): Promise<void>
}

const status = { result: 'refused', code: 'not-found', message: 'of a test', at: '2026-01-01T00:00:00.000Z' } as const

/** What the Decisions of every cluster must do. The cluster may have others than those that are made here. */
export const decisionsContract = async (
  t: Test,
  name: string,
  openAny: () => Promise<OpenDecisions>
): Promise<void> => {
  const open = async (t: Test): Promise<OpenDecisions> => {
    const opened = await openAny()
    t.teardown(opened.close)
    return opened
  }
  /** Makes a Decision that is deleted after the test. */
  const made = async (t: Test, { world, user }: OpenDecisions, differs: object = {}) => {
    const spec = {
      enrolment: randomUUID(),
      role: 'worker',
      verdict: 'remove',
      key: '',
      revision: 1,
      by: user,
      ...differs
    }
    const one = await world.create(spec)
    t.teardown(() => world.remove(one.name))
    return { ...one, spec }
  }
  const all = async ({ decisions }: OpenDecisions, limit = 100): Promise<SeenDecision[]> => {
    const items: SeenDecision[] = []
    for (let after: string | undefined, first = true; first || after !== undefined; first = false) {
      const page = await decisions.page(limit, after)
      if (page === undefined) return all({ decisions } as OpenDecisions, limit)
      if (page.items.length > limit) throw new Error('a page is longer than was asked for')
      items.push(...page.items)
      after = page.next
    }
    return items
  }
  const see = async (opened: OpenDecisions, uid: string): Promise<SeenDecision> => {
    const one = (await all(opened)).find((other) => other.uid === uid)
    if (one === undefined) throw new Error(`there is no Decision ${uid}`)
    return one
  }

  t.test(`${name} shows a Decision as it was made, open and with the time of its making`, async (t) => {
    const opened = await open(t)
    const one = await made(t, opened, { reason: 'because' })
    const seen = await see(opened, one.uid)
    t.match(seen, { name: one.name, uid: one.uid, spec: one.spec, isSettled: false })
    t.same(seen.created, one.created)
    t.not(seen.resourceVersion, '')
  })

  t.test(`${name} gives its Decisions in pages, each once`, async (t) => {
    const opened = await open(t)
    const uids = [await made(t, opened), await made(t, opened), await made(t, opened)].map(({ uid }) => uid)
    const seen = (await all(opened, 1)).map(({ uid }) => uid)
    t.same(
      uids.filter((uid) => !seen.includes(uid)),
      []
    )
    t.equal(new Set(seen).size, seen.length)
  })

  t.test(`${name} takes a status for the version that was read, and for no other one`, async (t) => {
    const opened = await open(t)
    const seen = await see(opened, (await made(t, opened)).uid)
    t.equal(await opened.decisions.settle({ ...seen, uid: randomUUID() }, status), false, 'of another uid')
    t.equal(await opened.decisions.settle(seen, status), true)
    t.match(await opened.world.read(seen.name), { status, spec: seen.spec })
    t.equal((await see(opened, seen.uid)).isSettled, true)
    t.equal(await opened.decisions.settle(seen, { ...status, message: 'again' }), false, 'it has changed')
    t.match(await opened.world.read(seen.name), { status: { message: 'of a test' } })
    await opened.world.remove(seen.name)
    t.equal(await opened.decisions.settle(seen, status), false, 'it is gone')
  })

  t.test(`${name} deletes exactly the Decision that was seen`, async (t) => {
    const opened = await open(t)
    const seen = await see(opened, (await made(t, opened)).uid)
    await opened.decisions.delete({ ...seen, uid: randomUUID() })
    t.match(await opened.world.read(seen.name), { uid: seen.uid })
    await opened.decisions.delete(seen)
    t.equal(await opened.world.read(seen.name), undefined)
    await t.resolves(opened.decisions.delete(seen), 'that it is gone is success')
  })

  t.test(`${name} refuses a Decision by somebody else while the policy is there, and the probe tells`, async (t) => {
    const { decisions, world } = await open(t)
    const answers = (answer: string) => async () => (await decisions.probe()).answer === answer
    await eventually('the policy is there', answers('refused'))
    const undo = await world.unbindPolicy('joinery-decisions')
    await eventually('the policy is away', answers('allowed')).finally(undo)
    await eventually('the policy is there again', answers('refused'))
  })

  t.test(`${name} tells its watch of a new Decision, and ends the watch`, async (t) => {
    const opened = await open(t)
    const watching = new AbortController()
    t.teardown(() => watching.abort())
    let told = 0
    opened.decisions.watch(() => {
      told += 1
    }, watching.signal)
    await eventually('the watch begins', async () => told > 0)
    const before = told
    await made(t, opened)
    await eventually('the watch tells', async () => told > before)
  })
}
