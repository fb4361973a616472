import { eventually } from '@joinery/testing/clocks/eventually'
import { insist, type Place, threeServers, waitingMachine } from '@joinery/testing/pairing/servers/three-servers'
import t from 'tap'

// three servers, 60 machines and sealed files, on a machine that has more to do
t.setTimeout(300_000)

t.test('rotate-ca with three servers under load: 60 machines join meanwhile, none is locked out', async (t) => {
  const three = await threeServers(t)
  const [a, b, c] = three.places
  const { pin } = (await three.operator.status()).agents
  let mayStop = false
  const waiting = await Promise.all(
    Array.from({ length: 12 }, (_, index) => waitingMachine(t, three, `waits-${index}`))
  )
  const waits = waiting.map((one) => one.waits(() => mayStop))
  const joining: Promise<string>[] = []
  /** Twelve machines begin now, and join while the servers come and go. */
  const begin = (during: string): void => {
    for (let index = 0; index < 12; index += 1) joining.push(waitingMachine(t, three, `${during}-${index}`).then(joins))
  }
  const joins = async (one: Awaited<ReturnType<typeof waitingMachine>>): Promise<string> => {
    const token = await one.joins()
    // its kubelet is not there yet, and the agent asks on
    waits.push(one.waits(() => mayStop))
    return token
  }

  begin('begin')
  await three.stopped(b, () => three.begin(b))
  const next = (await b.process.operator.status()).agents.nextPin ?? ''
  t.match(next, /^sha256:/)
  t.not(next, pin)
  await t.rejects(three.finish(b), { message: new RegExp(`do not have the next CA: .*${a.host.url}`) })

  begin('keys')
  await three.exports(b)
  await three.stopped(c, () => three.takes(c))
  await three.stopped(a, () => three.takes(a))
  await eventually('a server is active', () => three.active())
  await eventually(
    'every server is told',
    async () => (await insist(() => three.operator.status())).agents.untold === undefined
  )

  begin('finish')
  const [first, second] = three.standby() as [Place, Place]
  const last = three.active() as Place
  await three.stopped(first, () => three.finish(first))
  await eventually('the last one ends', () => last.process.phases.at(-1)?.startsWith('ended'))
  t.match(last.process.phases.at(-1), /^ended: .* serves by the next CA.*rotate-ca --finish/)
  await eventually('the first one is active', () => first.process.phases.at(-1) === 'active')
  await three.stopped(last, async () => {})
  const status = await last.process.operator.status()
  t.match(status.leadership, { isActive: false, trouble: /joinery-server rotate-ca --finish/ })
  t.match((await three.operator.status()).agents, { pin: next, nextPin: undefined })

  begin('after')
  for (const place of [second, last]) await three.stopped(place, () => three.finish(place))
  const tokens = await Promise.all(joining)
  mayStop = true
  await Promise.all(waits)
  tokens.push(...(await Promise.all(waiting.map((one) => one.joins()))))
  t.equal(new Set(tokens).size, 60)
  for (const { pins } of waiting) t.match(await pins(), { of: pin, pin: next })
})
