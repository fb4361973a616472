import { cp, rm } from 'node:fs/promises'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { severalHosts } from '@joinery/testing/pairing/servers/several-hosts'
import { approve, approved, claimToken, refusedWith } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t from 'tap'

// servers that start again and again, on a machine that has more to do
t.setTimeout(60_000)

/** What the machine is told now, if it is another revision than this one. */
const asks = ({ server }: TestMachine, after = 0) => server.wait(after, 0, new AbortController().signal)

interface Operator {
  status: Pairing['operator']['status']
}

/** Alerts that machines know more. A copied folder may have others, such as one of the audit log. */
const laterKnown = async ({ status }: Operator) =>
  (await status()).alerts.last.filter(({ event }) => event === 'later-known')

/** The alert with these words. Nobody waits for what a machine shows, also not its own request. */
const alertWith = (operator: Operator, words: string) =>
  eventually(`an alert that says ${words}`, async () =>
    (await laterKnown(operator)).find(({ detail }) => detail.includes(words))
  )

/**
 * A store of the file, and what the cluster knew of it at that time. `goBack` puts both back, so that nothing shows it. Both happen
 * while no server runs: one that starts compares the two, and one that ends tells the cluster.
 */
const snapshotOf = async (pairing: Pairing): Promise<{ goBack(): Promise<void> }> => {
  const { config, cluster } = pairing
  const state = `${config.state}-snapshot`
  let known: string | undefined
  await pairing.restart({
    meanwhile: async () => {
      await cp(config.state, state, { recursive: true })
      known = (await cluster.generation()).text
    }
  })
  return {
    goBack: async () => {
      const meanwhile = async () => {
        config.state = state
        await cluster.writeGenerationAsAdmin(known)
      }
      await pairing.restart({ meanwhile })
      await pairing.look()
    }
  }
}

t.test(
  'A2: a machine that knows a later revision than a store that went back alerts once, and changes nothing',
  async (t) => {
    const pairing = await openPairing(t)
    const { operator } = pairing
    const [machine, late, other] = [await pairing.machine(), await pairing.machine(), await approved(pairing, 'other')]
    await machine.enrol((await pairing.code('worker-1')).code)
    const code = await pairing.code('late')
    const snapshot = await snapshotOf(pairing)
    await late.enrol(code.code)
    await approve(pairing, 'worker-1')
    const { revision = 0 } = (await asks(machine)) ?? {}
    await snapshot.goBack()
    t.equal((await operator.status()).alerts.count, 0, 'nothing else notices it')

    const heard = await asks(machine, revision)
    t.match(heard, { state: 'pending' })
    t.match(await alertWith(operator, `worker-1 (${revision}, here ${heard?.revision})`), {
      subject: 'store',
      event: 'later-known',
      next: 'joinery code list'
    })
    t.equal(await refusedWith(asks(late)), 'not-found')
    await alertWith(operator, '2 machines')
    await asks(machine)
    await late.enrol(code.code)
    t.equal((await laterKnown(operator)).length, 1, 'one alert')
    t.equal((await operator.show('worker-1')).state, 'pending')
    t.match(await claimToken(other), { nodeName: 'other' }, 'an approval stands')
  }
)

t.test('A2: the same with an etcd that was put back, together with the folder of the only host', async (t) => {
  const world = await severalHosts(t)
  const host = await world.host('a')
  const first = await host.lead()
  const machine = await world.machine()
  await machine.enrol((await first.operator.createCode({ name: 'worker-1', ttl: 86_400 })).code)
  await first.end()
  const [etcd, folder] = [await world.snapshot(), `${host.state}-snapshot`]
  await cp(host.state, folder, { recursive: true })

  const second = await host.lead()
  await approve({ operator: second.operator } as never, 'worker-1')
  const { revision = 0 } = (await asks(machine)) ?? {}
  await second.end()
  await world.putBack(etcd)
  await rm(host.state, { recursive: true })
  await cp(folder, host.state, { recursive: true })

  const third = await host.lead()
  t.equal((await third.operator.status()).alerts.count, 0, 'nothing else notices it')
  t.match(await asks(machine, revision), { state: 'pending' })
  t.match(await alertWith(third.operator, 'worker-1'), { event: 'later-known' })
})
