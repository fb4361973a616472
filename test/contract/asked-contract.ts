import { randomUUID } from 'node:crypto'
import type { Policy } from '@joinery/kube/names'
import type { AskedObjects, SeenObject } from '@joinery/server/testing/kubernetes-door'
import { eventually } from '@joinery/testing/clocks/eventually'
import type { AskedWorld } from '@joinery/testing/cluster/fake/asked'
import type { ClusterWorld } from '@joinery/testing/cluster/world/cluster-world'
import type { Test } from 'tap'

export interface OpenAsked<Seen extends SeenObject, Status> {
  objects: AskedObjects<Seen, Status>
  world: AskedWorld<Status> & Pick<ClusterWorld, 'unbindPolicy'>
  /** User by whom `world` makes objects. */
  user: string
  close(): Promise<void>
}

/** One kind of objects by which operators ask for something. */
export interface ContractKind<Seen, Status> {
  kind: string
  policy: Policy
  /** A spec by this user that the API server takes, and another one each time. */
  spec(by: string): object
  status: Status
  /** Another status. */
  otherwise: Status
  /** True if the object shows that status. */
  shows(seen: Seen, status: Status | undefined): boolean
  /** True if the watch must tell that an object was deleted. */
  tellsDeleted: boolean
}

/** What such objects of every cluster must do. The cluster may have others than those that are made here. */
export const askedContract = async <Seen extends SeenObject, Status extends object>(
  t: Test,
  name: string,
  { kind, policy, spec, status, otherwise, shows, tellsDeleted }: ContractKind<Seen, Status>,
  openAny: () => Promise<OpenAsked<Seen, Status>>
): Promise<void> => {
  type Opened = OpenAsked<Seen, Status>
  const open = async (t: Test): Promise<Opened> => {
    const opened = await openAny()
    t.teardown(opened.close)
    return opened
  }
  /** Makes an object that is deleted after the test. */
  const made = async (t: Test, { world, user }: Opened) => {
    const one = await world.create(spec(user))
    t.teardown(() => world.remove(one.name))
    return one
  }
  const all = async ({ objects }: Pick<Opened, 'objects'>, limit = 100): Promise<Seen[]> => {
    const items: Seen[] = []
    for (let after: string | undefined, first = true; first || after !== undefined; first = false) {
      const page = await objects.page(limit, after)
      if (page === undefined) return all({ objects }, limit)
      if (page.items.length > limit) throw new Error('a page is longer than was asked for')
      items.push(...page.items)
      after = page.next
    }
    return items
  }
  const see = async (opened: Opened, uid: string): Promise<Seen> => {
    const one = (await all(opened)).find((other) => other.uid === uid)
    if (one === undefined) throw new Error(`there is no ${kind} ${uid}`)
    return one
  }

  t.test(`${name} shows a ${kind} as it was made, without a status and with the time of its making`, async (t) => {
    const opened = await open(t)
    const one = await made(t, opened)
    const seen = await see(opened, one.uid)
    t.match(seen, { name: one.name, uid: one.uid, spec: one.spec })
    t.equal(shows(seen, undefined), true)
    t.same(seen.created, one.created)
    t.not(seen.resourceVersion, '')
  })

  t.test(`${name} gives its ${kind}s in pages, each once`, async (t) => {
    const opened = await open(t)
    const uids = [await made(t, opened), await made(t, opened), await made(t, opened)].map(({ uid }) => uid)
    const seen = (await all(opened, 1)).map(({ uid }) => uid)
    t.same(
      uids.filter((uid) => !seen.includes(uid)),
      []
    )
    t.equal(new Set(seen).size, seen.length)
  })

  t.test(
    `${name} leaves out each ${kind} of the users that are named, whatever their names have in them`,
    async (t) => {
      const opened = await open(t)
      const { uid } = await made(t, opened)
      const { objects, user } = opened
      const shows = async (without: string[]) => {
        const { items = [] } = (await objects.page(100, undefined, without)) ?? {}
        return items.some((one) => one.uid === uid)
      }
      t.equal(await shows(['CN=mallory,O=a\\b', 'system:serviceaccount:a:b']), true)
      t.equal(await shows([user]), false)
      t.equal(await shows(['mallory', user]), false)
    }
  )

  t.test(`${name} takes a status of a ${kind} for the version that was read, and for no other one`, async (t) => {
    const opened = await open(t)
    const { objects, world } = opened
    const seen = await see(opened, (await made(t, opened)).uid)
    t.equal(await objects.settle({ ...seen, uid: randomUUID() }, status), undefined, 'of another uid')
    const version = await objects.settle(seen, status)
    t.match(await world.read(seen.name), { status, spec: seen.spec })
    const after = await see(opened, seen.uid)
    t.equal(shows(after, status), true)
    t.equal(after.resourceVersion, version, 'and says which one it is now')
    t.equal(await objects.settle(seen, otherwise), undefined, 'it has changed')
    t.match(await world.read(seen.name), { status })
    t.not(
      await objects.settle({ ...seen, resourceVersion: version ?? '' }, otherwise),
      undefined,
      'for the new version'
    )
    t.match(await world.read(seen.name), { status: otherwise })
    await world.remove(seen.name)
    t.equal(await objects.settle(seen, status), undefined, 'it is gone')
  })

  t.test(`${name} deletes exactly the ${kind} that was seen`, async (t) => {
    const opened = await open(t)
    const { objects, world } = opened
    const seen = await see(opened, (await made(t, opened)).uid)
    await objects.delete({ ...seen, uid: randomUUID() })
    t.match(await world.read(seen.name), { uid: seen.uid })
    await objects.delete(seen)
    t.equal(await world.read(seen.name), undefined)
    await t.resolves(objects.delete(seen), 'that it is gone is success')
  })

  t.test(`${name} refuses a ${kind} by somebody else while the policy is there, and the probe tells`, async (t) => {
    const { objects, world } = await open(t)
    const answers = (answer: string) => async () => (await objects.probe()).answer === answer
    await eventually('the policy is there', answers('refused'))
    const undo = await world.unbindPolicy(policy)
    await eventually('the policy is away', answers('allowed')).finally(undo)
    await eventually('the policy is there again', answers('refused'))
  })

  t.test(`${name} knows that a ${kind} may be older than its policy`, async (t) => {
    const opened = await open(t)
    const { objects, world } = opened
    const refuses = async () => (await objects.probe()).answer === 'refused'
    await eventually('the policy is there', refuses)
    const { created } = await made(t, opened)
    await (await world.unbindPolicy(policy))()
    await eventually('the policy is there again', refuses)
    t.ok((await objects.guardedSince()) >= created)
    const isNewer = async () => {
      const one = await world.create(spec(opened.user))
      await world.remove(one.name)
      return one.created > (await objects.guardedSince())
    }
    // the API server keeps whole seconds
    await eventually('a new one is newer', isNewer)
  })

  t.test(`${name} tells its watch of a new ${kind}, and ends the watch`, async (t) => {
    const opened = await open(t)
    const watching = new AbortController()
    t.teardown(() => watching.abort())
    let told = 0
    opened.objects.watch(() => {
      told += 1
    }, watching.signal)
    const tells = async (what: string, work: () => Promise<unknown>): Promise<void> => {
      const before = told
      await work()
      await eventually(`the watch tells ${what}`, async () => told > before)
    }
    await eventually('the watch begins', async () => told > 0)
    await tells('of a new one', () => made(t, opened))
    if (!tellsDeleted) return
    const other = await made(t, opened)
    const seen = await see(opened, other.uid)
    await opened.objects.settle(seen, status)
    await tells('that it is gone', () => opened.world.remove(seen.name))
  })
}
