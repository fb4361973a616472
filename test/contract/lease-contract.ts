import type { LeaseObjects, LeaseSpec } from '@joinery/server/testing/kubernetes'
import type { Test } from 'tap'

/** One Lease that is not there yet, and two servers that want it. */
export interface OpenLease {
  one: LeaseObjects
  other: LeaseObjects
  /** Deletes the Lease, as somebody by hand would. */
  remove(): Promise<void>
  close(): Promise<void>
}

const spec = (holder: string, term: number, differs: Partial<LeaseSpec> = {}): LeaseSpec => ({
  holder,
  term,
  renewed: '2026-01-01T00:00:02.345Z',
  acquired: '2026-01-01T00:00:00.001Z',
  seconds: 12,
  address: `https://${holder || 'nobody'}:7443`,
  ...differs
})

/** What the Lease of the servers must do in every cluster. */
export const leaseContract = async (t: Test, name: string, openAny: () => Promise<OpenLease>): Promise<void> => {
  const open = async (t: Test): Promise<OpenLease> => {
    const opened = await openAny()
    t.teardown(opened.close)
    return opened
  }
  /** Creates the Lease, and gives its version. */
  const created = async ({ one }: OpenLease, lease = spec('a', 1)): Promise<string> => {
    const seen = await one.write(lease, undefined)
    if (seen === 'other') throw new Error('the Lease was there already')
    return seen.version
  }

  await t.test(`${name} has no Lease before somebody makes it`, async (t) => {
    const { one } = await open(t)
    t.equal(await one.read(), undefined)
    t.equal(await one.write(spec('a', 1), '1'), 'other', 'what is not there cannot be put')
    t.equal(await one.read(), undefined)
  })

  await t.test(`${name} gives the Lease as it was written, to everybody`, async (t) => {
    const opened = await open(t)
    const seen = await opened.one.write(spec('a', 1), undefined)
    t.match(seen, { version: /./, spec: spec('a', 1) })
    t.same(await opened.one.read(), seen)
    t.same(await opened.other.read(), seen)
  })

  await t.test(`${name} takes a Lease for the version that was read, and for no other one`, async (t) => {
    const opened = await open(t)
    const { one, other } = opened
    const first = await created(opened)
    t.equal(await other.write(spec('b', 1), undefined), 'other', 'it is there')
    const renewed = await one.write(spec('a', 1, { renewed: '2026-01-01T00:00:04.000Z' }), first)
    t.match(renewed, { spec: { renewed: '2026-01-01T00:00:04.000Z' } })
    t.equal(await other.write(spec('b', 2), first), 'other', 'it was renewed')
    t.same(await one.read(), renewed, 'and nothing changed')
  })

  await t.test(`${name} lets a server release the Lease, and another one take it with the next term`, async (t) => {
    const opened = await open(t)
    const first = await created(opened)
    const released = await opened.one.write(spec('', 1), first)
    t.match(released, { spec: { holder: '', term: 1 } })
    const { version } = released as Exclude<typeof released, 'other'>
    t.match(await opened.other.write(spec('b', 2), version), { spec: { holder: 'b', term: 2 } })
  })

  await t.test(`${name} does not let a server renew a Lease that somebody deleted`, async (t) => {
    const opened = await open(t)
    const first = await created(opened)
    await opened.remove()
    t.equal(await opened.one.read(), undefined)
    t.equal(await opened.one.write(spec('a', 1), first), 'other')
    t.match(await opened.other.write(spec('b', 2), undefined), { spec: spec('b', 2) })
    t.equal(await opened.one.write(spec('a', 1), first), 'other', 'nor the one that was made again')
    t.match(await opened.other.read(), { spec: { holder: 'b' } })
  })

  await t.test(`${name} gives a Lease to one of two that want it at once, each time`, async (t) => {
    const opened = await open(t)
    let version = await created(opened)
    const rounds = 50
    const wins: string[] = []
    for (let round = 0; round < rounds; round += 1) {
      const term = round + 2
      const asked = [opened.one.write(spec('a', term), version), opened.other.write(spec('b', term), version)]
      const taken = (await Promise.all(asked)).flatMap((seen) => (seen === 'other' ? [] : [seen]))
      if (taken.length !== 1 || taken[0] === undefined) return t.fail(`${taken.length} have it in round ${round}`)
      version = taken[0].version
      wins.push(taken[0].spec.holder)
      t.same(await opened.one.read(), taken[0])
    }
    t.equal(wins.length, rounds)
    return undefined
  })
}
