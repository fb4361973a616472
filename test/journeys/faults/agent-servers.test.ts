import { apart, type SeenServer } from '@joinery/agent/testing/pairing'
import { type AgentMachine, openMachine } from '@joinery/testing/agents/agents'
import { playLives } from '@joinery/testing/agents/lives'
import { openNetwork } from '@joinery/testing/agents/network'
import { approvePending, assertJoined, reaches, says } from '@joinery/testing/agents/outcomes'
import { loseCertificate, startWayBack } from '@joinery/testing/agents/way-back'
import { eventually } from '@joinery/testing/clocks/eventually'
import { type AgentsFront, agentsFront } from '@joinery/testing/front/agents-front'
import { statementBy } from '@joinery/testing/front/statements'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve } from '@joinery/testing/pairing/steps'
import type { Test } from 'tap'
import t from 'tap'
import { momentsOf, playWay, ways } from './agent-ways.ts'

interface Second {
  url: string
  standby: AgentsFront
  /** Makes it the active one. The first server is gone then: its state is the one that this one goes on with. */
  takeOver(open: Pick<AgentMachine, 'network'>): Promise<void>
}

/** A second server, which stands by until it takes over. */
const openSecond = async (t: Test, pairing: Pairing): Promise<Second> => {
  const standby = await agentsFront(t, pairing.config.state)
  let active = false
  const network = await openNetwork(t, () => (active ? Number(new URL(pairing.url).port) : standby.port))
  return {
    url: network.url,
    standby,
    takeOver: async (open) => {
      open.network.goDown()
      // so that what it signs names it
      pairing.config.agents.address = network.url
      await pairing.restart()
      const { answer } = standby
      let asked = 0
      // the agent comes once while nobody is active
      standby.answer = (line) => {
        asked += 1
        if (asked === 1) return answer(line)
        active = true
        network.cut()
        return 'cut'
      }
    }
  }
}

for (const [name, way] of Object.entries(ways)) {
  t.test(`an agent ${name} ends the same if its server dies and another one takes over`, async (t) => {
    const made: string[] = []
    const pairing = await openPairing(t, {}, async (cluster) => {
      const { createToken } = cluster
      cluster.createToken = (token) => {
        made.push(token.id)
        return createToken(token)
      }
    })
    const moments = momentsOf(way, await playWay(t, pairing, way)).filter((moment) => moment.includes('server.'))
    // a server of its own for each moment, which takes over once
    await playLives(
      t,
      moments,
      (moment) => `the way ends the same with another server from ${moment} on`,
      async (t, left) => {
        made.length = 0
        let played = ''
        const { url, takeOver } = await openSecond(t, pairing)
        const { config, ...options } = way.options ?? {}
        const twice = { ...way, options: { ...options, config: { ...config, servers: [url] } } }
        await playWay(t, pairing, twice, left, (open) => {
          played = open.name
          return takeOver(open)
        })
        const { items } = await pairing.operator.list()
        const attempts = items.filter(({ name }) => name === played).flatMap((enrolment) => enrolment.attempts)
        t.equal(new Set(made).size, attempts.length, 'one token for each attempt')
      },
      1
    )
  })
}

/** A machine with a code that knows these servers beside its first one. */
const openWith = async (t: Test, pairing: Pairing, ...servers: string[]): Promise<AgentMachine> => {
  const open = await openMachine(t, pairing, 'worker-1', { config: { servers } })
  await open.putCode()
  return open
}

/** Ports at which nothing listens, as URLs of servers. */
const nowhere = Array.from({ length: 16 }, (_, index) => `https://127.0.0.1:${1 + index}`)

/** The servers that the machine learned and may ask. */
const learned = async ({ machine }: AgentMachine): Promise<string[]> => {
  const { proven } = JSON.parse((await machine.files.read('/var/lib/joinery-agent/servers.json')) ?? '{"proven":[]}')
  return proven.map(({ url }: { url: string }) => url)
}

/** Waits until the machine was told twice of so many servers, with time between. */
const learns = async (open: AgentMachine, { requests }: AgentsFront, count: number): Promise<void> => {
  await eventually('it was told once', () => requests.filter((line) => line !== 'GET /v1/statement').length > 1)
  open.clock.pass(apart)
  await eventually('it was told again', async () => (await learned(open)).length === count)
}

t.test('a server that names black holes keeps no agent from the servers of its configuration', async (t) => {
  const pairing = await openPairing(t)
  const { url, standby, takeOver } = await openSecond(t, pairing)
  standby.statement = await statementBy(pairing.config.state, { server: url, servers: nowhere })
  const open = await openWith(t, pairing, url)
  const agent = open.start()
  await eventually('it waits', () => open.steps.includes('wait'))
  open.network.goDown()
  await learns(open, standby, nowhere.length)
  await says(open, /no server is active: .* https:\/\/127.0.0.1:1: nothing listens there/)
  await takeOver(open)
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
  t.same(await learned(open), [], 'the active one names none of them')
})

t.test('a machine that boots finds the server that it learned of, though those that it knew are gone', async (t) => {
  const pairing = await openPairing(t)
  const { url, standby, takeOver } = await openSecond(t, pairing)
  const other = await agentsFront(t, pairing.config.state)
  other.statement = await statementBy(pairing.config.state, { server: other.url, servers: [url] })
  const open = await openWith(t, pairing, other.url)
  open.start()
  await eventually('it waits', () => open.steps.includes('wait'))
  open.network.goDown()
  await learns(open, other, 1)
  await other.close()
  await takeOver(open)
  await open.reboot()
  await approvePending(pairing, open)
  await assertJoined(t, pairing, open)
  t.ok(standby.requests.length > 0)
})

t.test('a node comes back by the server that is active, whichever it knew first', async (t) => {
  const pairing = await openPairing(t)
  const { url, takeOver } = await openSecond(t, pairing)
  const open = await openWith(t, pairing, url)
  const agent = open.start()
  await approvePending(pairing, open)
  await agent.ended
  await loseCertificate(open, pairing)
  await takeOver(open)
  const back = startWayBack(open, pairing)
  await reaches(pairing, 'worker-1', 'recovering')
  await approve(pairing, 'worker-1')
  t.match(await back.ended, { end: 'recovered' })
})

t.test(
  'without any answer the agent asks the next server within a second, and waits longer after each round',
  async (t) => {
    const pairing = await openPairing(t)
    const [second = ''] = nowhere
    const open = await openWith(t, pairing, second)
    open.network.goDown()
    const shown: (readonly SeenServer[])[] = []
    open.show = ({ servers }) => void (servers && shown.push(servers))
    const agent = open.start()
    await eventually('it has tried for a while', () => open.clock.slept.length >= 10)
    t.same(open.clock.slept.slice(0, 10).map(Math.round), [1000, 1250, 1000, 2250, 1000, 4250, 1000, 8250, 1000, 16250])
    await says(open, /^no server is active: https:\/\/127\.0\.0\.1:\d+: it closed the connection; .*; next try in 2 s$/)
    t.match(shown.at(-1), [
      { url: open.network.url, tried: { was: 'away' } },
      { url: second, tried: { was: 'away', why: `${second}: nothing listens there (connection refused)` } }
    ])
    open.network.comeBack()
    await approvePending(pairing, open)
    t.equal(await agent.ended, 'done')
    await assertJoined(t, pairing, open)
  }
)

t.test('while a server stands by, the agent asks all of them every few seconds', async (t) => {
  const pairing = await openPairing(t)
  const { url, takeOver } = await openSecond(t, pairing)
  const open = await openWith(t, pairing, url)
  open.network.goDown()
  const agent = open.start()
  await eventually('it has tried for a while', () => open.clock.slept.length >= 20)
  const rounds = open.clock.slept.filter((pause) => pause > 1000).map(Math.round)
  // a second of it is the server's Retry-After
  t.same(rounds.slice(0, 6), [2250, 3250, 5250, 5250, 5250, 5250])
  await takeOver(open)
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
})
