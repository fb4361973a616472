import { createPublicKey } from 'node:crypto'
import { isKubeconfig } from '@joinery/agent/testing/machine'
import { fingerprint } from '@joinery/protocol'
import { onceAt, openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, reaches, waitsPending } from '@joinery/testing/agents/outcomes'
import { rebootWhen } from '@joinery/testing/agents/reboot-when'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

// some ten machines, one after the other
t.setTimeout(120_000)

const discovery = '/run/joinery-agent/discovery.conf'
const bootstrapConf = '/etc/kubernetes/bootstrap-kubelet.conf'
const joinKeyFile = '/var/lib/joinery-agent/join-key.json'

/** A server without a right to Secrets: what makes a token there fails. */
const openServer = (t: Test): Promise<Pairing> => openPairing(t, { credential: 'certificate' })

t.test('an agent joins with a certificate for its own key, and no token is ever made', async (t) => {
  const pairing = await openServer(t)
  const open = await openWithCode(t, pairing)
  let given: string | undefined
  open.machineClock.watch = async () => {
    given ??= await open.machine.files.read(discovery)
  }
  const agent = open.start()
  const { credential, joinKey } = await approvePending(pairing, open)
  t.match({ credential, joinKey }, { credential: 'certificate', joinKey: /^sha256:/ })
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
  t.ok(isKubeconfig(given) && /client-certificate-data: .*client-key-data: /s.test(given ?? ''))
  t.notMatch(given, /token/)

  const { timeline, attempts } = await pairing.operator.show('worker-1')
  t.same(
    timeline.map(({ event }) => event).filter((event) => event !== 'progress' && event !== 'node-condition'),
    [
      'enrol',
      'approve',
      'claim',
      'credential-issued',
      'csr-seen',
      'certificate-issued',
      'register',
      'agent-ready',
      'become-ready'
    ]
  )
  t.match(attempts, [{ credentialCsr: /^joinery-/, credentialSerial: String, csr: String, certificateSerial: String }])
})

t.test('the join key is of the kind that kubelets of the cluster make', async (t) => {
  const pairing = await openServer(t)
  await pairing.cluster.configureNodes('kubelet-config', 'clientCertificateKeyAlgorithm: ECDSA-P384')
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  const kept = async (): Promise<string | undefined> =>
    JSON.parse((await open.machine.files.read(joinKeyFile)) ?? '{}').algorithm
  await eventually('it has such a key', async () => (await kept()) === 'ECDSA-P384')
  const { joinKey } = await approvePending(pairing, open)
  const { key } = JSON.parse((await open.machine.files.read(joinKeyFile)) ?? '{}') as { key: string }
  t.equal(joinKey, fingerprint(createPublicKey(key)), 'the operator approved that one')
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})

t.test('a key that was approved before the machine knew which kind is asked for is used', async (t) => {
  const pairing = await openServer(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  const { joinKey } = await waitsPending(pairing, open)
  const { operator } = pairing
  await pairing.cluster.configureNodes('kubelet-config', 'clientCertificateKeyAlgorithm: ECDSA-P384')
  const { revision, key } = await operator.show('worker-1')
  await operator.approve('worker-1', { revision, key })
  t.equal(await agent.ended, 'done')
  t.equal((await operator.show('worker-1')).joinKey, joinKey)
  await assertJoined(t, pairing, open)
})

t.test('a server of tokens gives a certificate only to a machine whose code says so', async (t) => {
  const pairing = await openPairing(t)
  const [certified, other] = [await openWithCode(t, pairing, 'worker-1'), await openWithCode(t, pairing, 'worker-2')]
  const { code } = await pairing.operator.createCode({ name: 'worker-1', ttl: 600, credential: 'certificate' })
  await certified.putCode(code)
  for (const open of [certified, other]) {
    const agent = open.start()
    await approvePending(pairing, open)
    await agent.ended
    await assertJoined(t, pairing, open)
  }
  const attemptOf = async (name: string) => (await pairing.operator.show(name)).attempts[0]
  t.match(await attemptOf('worker-1'), { credentialCsr: String, tokenId: undefined })
  t.match(await attemptOf('worker-2'), { tokenId: String, credentialCsr: undefined })
})

t.test('the private key is in no answer, in no log and in no remaining file', async (t) => {
  const pairing = await openServer(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  await approvePending(pairing, open)
  const { key } = JSON.parse((await open.machine.files.read(joinKeyFile)) ?? '{}') as { key: string }
  await agent.ended
  const secret = key.split('\n')[1] ?? ''
  t.ok(secret.length > 30)
  const shown = JSON.stringify(await pairing.operator.show('worker-1'))
  for (const text of [shown, pairing.log, open.said.join()]) t.notOk(text.includes(secret), text.slice(0, 60))
  await assertJoined(t, pairing, open)
})

t.test('after a power cut in a join, key and certificate are gone before the kubelet starts', async (t) => {
  const pairing = await openServer(t)
  const open = await openWithCode(t, pairing)
  const rebooted = rebootWhen(open, ({ unit, bootstrapConf }) => unit === 'running' && bootstrapConf)
  open.start()
  await waitsPending(pairing, open)
  await approve(pairing, 'worker-1')
  await assertJoined(t, pairing, open, 2)
  t.match(rebooted(), { unit: 'absent', bootstrapConf: false })
  const { attempts } = await pairing.operator.show('worker-1')
  t.match(attempts[0]?.failure, /^transient: .*a power cut or a reboot/)
})

t.test('a join that fails loses its key and certificate, and the next attempt gets new ones', async (t) => {
  const pairing = await openServer(t)
  const open = await openWithCode(t, pairing)
  open.machine.failNextJoin('kubelet-start', ['error: error execution phase kubelet-start: i/o timeout'])
  const left: boolean[] = []
  onceAt(open, 'report-failed: before server.outcome', async () => {
    left.push(await open.has(bootstrapConf), await open.has(discovery))
  })
  const agent = open.start()
  await approvePending(pairing, open)
  await agent.ended
  t.same(left, [false, false], 'closed before it is reported')
  await assertJoined(t, pairing, open, 2)
  const { attempts } = await pairing.operator.show('worker-1')
  t.not(attempts[0]?.credentialSerial, attempts[1]?.credentialSerial)
})

t.test('a join key that is lost after the approval is replaced, and the machine waits again', async (t) => {
  const pairing = await openServer(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  const before = await waitsPending(pairing, open)
  let lost = false
  open.watch = async () => {
    if (lost || (await pairing.operator.show('worker-1')).state !== 'approved') return
    lost = true
    await open.machine.files.remove(joinKeyFile)
  }
  await approve(pairing, 'worker-1')
  const after = await reaches(pairing, 'worker-1', 'pending')
  t.not(after.joinKey, before.joinKey)
  t.same(after.attempts, [], 'no certificate for a key that nobody saw')
  await approvePending(pairing, open)
  await agent.ended
  await assertJoined(t, pairing, open)
})

t.test('an agent whose enrolment is rejected keeps no join key', async (t) => {
  const pairing = await openServer(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  await eventually('it waits', () => open.waits())
  t.ok(await open.has(joinKeyFile))
  await pairing.operator.reject('worker-1', { reason: 'not ours' })
  await agent.ended
  t.notOk(await open.has(joinKeyFile))
})
