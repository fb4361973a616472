import { operatorRoutes, pathOf } from '@joinery/protocol'
import { WritableStore } from '@joinery/server/testing/store'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, claimToken } from '@joinery/testing/pairing/steps'
import t from 'tap'
import { Agent, request } from 'undici'

/** Fields that no response schema names, as a later server may keep them. */
const internal = { noSchemaNamesIt: 'CANARY' }

const keepInternal = async (store: WritableStore, id: string, codeId: string) => {
  const [enrolment, code] = [await store.enrolment(id), await store.code(codeId)]
  if (enrolment?.approval.evidence === undefined || code === undefined) throw new Error('nothing is there')
  const { facts } = enrolment
  const { evidence: approved } = enrolment.approval
  const { attempts } = enrolment.join
  const known = {
    ...enrolment,
    ...internal,
    facts: { ...facts, ...internal },
    approval: { ...enrolment.approval, evidence: { ...approved, ...internal } },
    join: { ...enrolment.join, attempts: attempts.map((attempt) => ({ ...attempt, ...internal })) },
    certificates: { ...enrolment.certificates, serving: [{ name: 'csr-1', uid: 'u', ...internal }] }
  }
  return store.commit({ enrolments: [known], codes: [{ ...code, ...internal }] })
}

t.test('a field of a document that no response schema names is in no answer, however deep it is', async (t) => {
  let store: WritableStore | undefined
  const pairing = await openPairing(t, {}, undefined, (container) => {
    store = container.resolve(WritableStore)
  })
  const { code: secret, id: codeId } = await pairing.code('worker-1')
  const machine = await pairing.machine()
  await machine.enrol(secret)
  await approve(pairing, 'worker-1')
  await claimToken(machine)

  if (store === undefined) throw new Error('there is no store')
  const { id } = await pairing.operator.show('worker-1')
  // a pass over the cluster may write it at the same time
  while ((await keepInternal(store, id, codeId)) === 'stale');
  t.match(JSON.stringify(await store.enrolments()), 'CANARY', 'it is in the store')

  const dispatcher = new Agent({ connect: { socketPath: pairing.config.operators.socket } })
  t.teardown(() => dispatcher.close())
  for (const [name, route] of Object.entries(operatorRoutes)) {
    if (route.method !== 'GET') continue
    const path = pathOf(route, name === 'showCode' ? codeId : id)
    const { statusCode, body } = await request(`http://joinery-server${path}`, { dispatcher })
    t.equal(statusCode, 200, name)
    t.notMatch(await body.text(), 'CANARY', name)
  }
  const own = await machine.server.wait(0, 1, new AbortController().signal)
  t.equal(own?.state, 'joining')
  t.notMatch(JSON.stringify(own), 'CANARY', 'what its agent is told')
})
