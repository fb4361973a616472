import { operatorRoutes } from '@joinery/protocol'
import { runWith } from '@joinery/testing/command/operators'
import { enrolled, sealedKeys } from '@joinery/testing/pairing/control-planes'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, claimToken, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'
import { Agent, request } from 'undici'

/** Not what root would seal, but it can be found. */
const canary = 'CANARY-of-a-ciphertext'

t.test('sealed keys are only in the answer to the claim, in no output, error or log', async (t) => {
  const pairing = await openPairing(t)
  const { operator, config } = pairing
  const { machine } = await enrolled(pairing, 'cp-2')
  const other = await pairing.machine()
  await other.enrol((await pairing.code('worker-1')).code)
  await approve(pairing, 'cp-2')
  const { key, sealKey } = await sealedKeys(pairing, 'cp-2')
  const places: Record<string, unknown> = {}
  const socket = new Agent({ connect: { socketPath: config.operators.socket } })
  t.teardown(() => socket.close())
  const put = async (sealed: string, more: object = {}) => {
    const path = operatorRoutes.grant.path.replace(':reference', 'cp-2')
    const { body } = await request(`http://joinery-server${path}`, {
      method: 'PUT',
      dispatcher: socket,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key, sealKey, sealed, ...more })
    })
    return body.text()
  }
  places['the error of one that fits no schema'] = await put(`${canary} `)
  places['of one that is too long'] = await put(canary.repeat(5000))
  places['of an unknown field'] = await put(canary, { more: canary })
  places['of another key'] = await put(canary, { key: `sha256:${'a'.repeat(64)}` })
  places['the answer of the grant'] = await put(canary)
  t.match(places['the answer of the grant'], '"granted":"', 'it was taken')

  const look = async (when: string): Promise<void> => {
    const { id, code } = await operator.show('cp-2')
    for (const [name, { method, path }] of Object.entries(operatorRoutes)) {
      if (method !== 'GET') continue
      const reference = name === 'showCode' ? code : id
      const { statusCode, body } = await request(`http://joinery-server${path.replace(':reference', reference)}`, {
        dispatcher: socket
      })
      t.equal(statusCode, 200, `${name} ${when}`)
      places[`${name} ${when}`] = await body.text()
    }
    for (const words of [
      ['show', 'cp-2'],
      ['show', 'cp-2', '-o', 'json'],
      ['show', 'cp-2', '-o', 'yaml'],
      ['list', '-o', 'wide'],
      ['list', '-o', 'json'],
      ['nodes', '-o', 'json'],
      ['status', '-o', 'json'],
      ['grant', 'cp-2'],
      ['approve', 'cp-2', '--yes']
    ]) {
      const { out, err } = await runWith(['--socket', config.operators.socket, ...words])
      places[`joinery ${words.join(' ')} ${when}`] = out + err
    }
  }
  await look('while it is granted')
  places['what its own agent is told'] = await machine.server.wait(0, 1, new AbortController().signal)
  places['another agent'] = await other.server.wait(0, 1, new AbortController().signal)
  const claimed = await claimToken(machine)
  t.equal(claimed.sealed, canary, 'who is to have it has it')
  await look('while it joins')
  places['a claim of another'] = await refusedWith(other.server.claim())
  await operator.reject('cp-2', { reason: 'the end' })
  await look('after the end')
  places.log = pairing.log
  t.match(pairing.log, 'cp-2', 'the log was read')
  for (const [place, text] of Object.entries(places)) t.notMatch(JSON.stringify(text), 'CANARY', place)
})
