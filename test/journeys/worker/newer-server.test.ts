import { AgentService } from '@joinery/server/testing/services'
import { openWithCode, type RunningAgent } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import t, { type Test } from 'tap'

/** What a newer server calls the states that it has made of some of today's. */
type Renamed = Map<string, string>

/** The agents' half of a server that tells them those names. */
const newer = (service: AgentService, names: Renamed): AgentService => {
  const told = (answer: unknown): unknown => {
    if (typeof answer !== 'object' || answer === null) return answer
    if ('enrolment' in answer) return { ...answer, enrolment: told(answer.enrolment) }
    return 'state' in answer ? { ...answer, state: names.get(String(answer.state)) ?? answer.state } : answer
  }
  return new Proxy(service, {
    get: (target, name) => {
      const part: unknown = Reflect.get(target, name)
      return typeof part === 'function'
        ? async (...given: unknown[]) => told(await Reflect.apply(part, target, given))
        : part
    }
  })
}

const openNewer = async (t: Test, ...made: [string, string][]): Promise<{ pairing: Pairing; names: Renamed }> => {
  const names: Renamed = new Map(made)
  const pairing = await openPairing(t, {}, undefined, (container) => {
    container.register(AgentService, { useValue: newer(container.resolve(AgentService), names) })
  })
  return { pairing, names }
}

const isOver = (agent: RunningAgent): Promise<boolean> =>
  Promise.race([agent.ended.then(() => true), new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))])

t.test('an agent waits in an unknown state of a newer server, and goes on after it', async (t) => {
  const { pairing, names } = await openNewer(t, ['pending', 'vetting'])
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  await says(open, /^waiting for approval.*; the pairing server is newer than this joinery-agent/)
  await eventually('it waits', () => open.waits())
  t.match(await agent.server.wait(0, 0, new AbortController().signal), { state: 'unknown', name: 'worker-1' })
  t.notOk(await isOver(agent))
  t.notOk(
    open.steps.some((step) => ['survey', 'report-observation', 'claim-and-join', 'give-up'].includes(step)),
    'it asks for nothing, tells nothing and claims nothing'
  )
  names.clear()
  // a revision that it has seen is not told again
  agent.kill()
  const again = open.start()
  await approvePending(pairing, open)
  t.equal(await again.ended, 'done')
  await assertJoined(t, pairing, open)
})

t.test('a join that has begun comes to its end, whatever a newer server calls it', async (t) => {
  const { pairing } = await openNewer(t, ['joining', 'returning'], ['joined', 'settling'], ['ready', 'thriving'])
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})
