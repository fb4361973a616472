import { eventually } from '@joinery/testing/clocks/eventually'
import { insist, type Place, threeServers, waitingMachine } from '@joinery/testing/pairing/servers/three-servers'
import t from 'tap'

// servers that start again and again, on a machine that has more to do
t.setTimeout(300_000)

t.test('a host that missed the rotation stands by and says so, and serves again with the keys file', async (t) => {
  const three = await threeServers(t)
  const [a, b, c] = three.places
  const open = await waitingMachine(t, three, 'worker-1')
  await three.end(c)
  await three.stopped(b, () => three.begin(b))
  await three.exports(b)
  await three.stopped(a, () => three.takes(a))
  await eventually('a server is active', () => three.active())
  t.equal(await open.asks(), 'pending')
  const [first] = three.standby().filter((place) => place !== c) as [Place]
  const last = three.active() as Place
  await three.stopped(first, () => three.finish(first))
  await eventually('the first one is active', () => first.process.phases.at(-1) === 'active')
  await three.stopped(last, () => three.finish(last))
  t.equal(await open.asks(), 'pending', 'it has met the next key')

  await three.start(c)
  const { leadership } = await c.process.operator.status()
  t.match(leadership?.trouble, /^the CA was rotated without this host: .*joinery-server init --keys/)
  await three.end(first)
  await three.end(last)
  for (let looks = 0; looks < 5; looks += 1) {
    three.world.skip(13_000)
    await c.process.looks()
  }
  t.same(c.process.phases, ['standby'], 'also if no other server is there')

  await three.exports(first)
  await three.stopped(c, () => three.takes(c))
  await c.process.leads()
  t.match((await c.process.operator.status()).agents, { pin: (await open.pins()).pin })
  t.equal(await open.asks(), 'pending')
  t.match(await open.joins(), /^[a-z0-9]{6}\./)
})

t.test('a power cut between any two steps of a rotation locks no machine out', async (t) => {
  const three = await threeServers(t)
  const [a, b, c] = three.places
  const open = await waitingMachine(t, three, 'worker-1')
  /** The active server loses its power. The first other one of these takes over, and then all come back. */
  const cut = async (...next: Place[]): Promise<void> => {
    await eventually('a server is active', () => three.active())
    const place = three.active() as Place
    const heir = next.find((one) => one !== place) as Place
    const third = three.places.find((one) => one !== place && one !== heir) as Place
    // of two that wait for the Lease only time would tell which is first
    await three.end(third)
    await three.cut(place)
    await heir.process.leads()
    t.equal(await open.asks(), 'pending')
    for (const one of [third, place]) await three.start(one)
  }
  await three.stopped(b, () => three.begin(b))
  await cut(a, b, c)
  await three.exports(b)
  for (const place of [c, a]) {
    await three.stopped(place, () => three.takes(place))
    await cut(a, b, c)
  }
  await eventually('every server is told', async () => {
    await open.asks()
    return (await insist(() => three.operator.status())).agents.untold === undefined
  })
  const [first, second] = three.standby() as [Place, Place]
  const last = three.active() as Place
  await three.stopped(first, () => three.finish(first))
  await eventually('the first one is active', () => first.process.phases.at(-1) === 'active')
  await three.start(last)
  t.equal(await open.asks(), 'pending')
  await three.stopped(second, () => three.finish(second))
  await cut(second)
  await three.stopped(last, () => three.finish(last))
  await cut(first, second, last)
  t.match(await open.joins(), /^[a-z0-9]{6}\./)
})
