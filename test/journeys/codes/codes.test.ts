import { makeCode } from '@joinery/protocol'
import { systemRandom } from '@joinery/server/testing/base'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t from 'tap'

t.test('the first key that uses a code owns it, and may repeat itself', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { code } = await pairing.code('worker-1')
  const first = await machine.enrol(code)
  pairing.clock.advance(24 * 3600_000)
  t.same(await machine.enrol(code), first, 'the lifetime of a code bounds its first use only')
})

t.test('a used code gets exactly the answer of an unknown one, and freezes the enrolment', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.code('worker-1')
  const owner = await pairing.machine()
  const other = await pairing.machine()
  await owner.enrol(code)
  const answer = (call: Promise<unknown>) => call.catch((error: Error) => ({ ...error, message: error.message }))
  const used = await answer(other.enrol(code))
  const unknown = await answer(other.enrol(makeCode(systemRandom.bytes)))
  t.match(used, { code: 'code-not-accepted' })
  t.same(used, unknown)
  t.match(await pairing.operator.show('worker-1'), {
    state: 'frozen',
    key: owner.identity.fingerprint,
    conflicts: [{ key: other.identity.fingerprint, address: '127.0.0.1', facts: other.facts }],
    timeline: [{ event: 'enrol' }, { event: 'conflict', alert: true }]
  })
})

t.test('of many machines that race for one code only one wins', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.code('worker-1')
  const machines = await Promise.all(Array.from({ length: 20 }, () => pairing.machine()))
  const results = await Promise.all(machines.map((machine) => refusedWith(machine.enrol(code))))
  t.equal(results.filter((result) => result === undefined).length, 1)
  t.equal(results.filter((result) => result === 'code-not-accepted').length, 19)
  t.equal((await pairing.operator.list()).items.length, 1)
})

t.test('an unused code ends with its lifetime, and says when', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { code, expires } = await pairing.code('worker-1', 60)
  pairing.clock.advance(60_000)
  await t.rejects(machine.enrol(code), { code: 'code-expired', message: `expired at ${expires}` })
})

t.test('a revoked code is refused, and says so', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { code, id } = await pairing.code('worker-1')
  t.match(await pairing.operator.revokeCode(id), { status: 'revoked' })
  await t.rejects(machine.enrol(code), { code: 'code-revoked', message: /^revoked at 2026/ })
})

t.test('each late use of a code is in its timeline once for each key and reason', async (t) => {
  const pairing = await openPairing(t)
  const [late, later] = [await pairing.machine(), await pairing.machine()]
  const { code, id, expires } = await pairing.code('worker-1', 60)
  pairing.clock.advance(60_000)
  const presents = async (machine: TestMachine, answer: string) =>
    t.equal(await refusedWith(machine.enrol(code)), answer, answer)
  await presents(late, 'code-expired')
  await presents(late, 'code-expired')
  await pairing.restart()
  await presents(late, 'code-expired')
  await presents(later, 'code-expired')
  await pairing.operator.revokeCode(id)
  await presents(late, 'code-revoked')
  const { timeline, ...shown } = await pairing.operator.showCode(id)
  t.match(shown, { id, name: 'worker-1', status: 'revoked' })
  const from = ({ identity }: TestMachine) => `presented by key ${identity.fingerprint} from 127.0.0.1`
  t.match(timeline, [
    { actor: 'operator', event: 'create' },
    { actor: 'agent', event: 'refused', detail: `expired at ${expires}; ${from(later)}`, alert: false, count: 2 },
    { actor: 'operator', event: 'revoke' },
    { actor: 'agent', event: 'refused', detail: new RegExp(`^revoked at 2026.*; ${from(late)}$`) }
  ])
  t.equal(timeline.length, 4)
})

t.test('a used code shows its machine, and a missing code is not found', async (t) => {
  const pairing = await openPairing(t)
  const { code, id, ...made } = await pairing.code('worker-1')
  const machine = await pairing.machine()
  const { id: enrolment } = await machine.enrol(code)
  const shown = await pairing.operator.showCode(id)
  t.match(shown, { id, name: 'worker-1', created: made.created, expires: made.expires, status: 'used', enrolment })
  t.match(shown.timeline, [{ event: 'create' }, { event: 'used', detail: new RegExp(machine.identity.fingerprint) }])
  t.notMatch(JSON.stringify(shown), code)
  await t.rejects(pairing.operator.showCode('worker-1'), { code: 'not-found', remedy: 'joinery code list' })
})

t.test('a key with a live enrolment cannot use a second code', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  const second = await pairing.code('worker-2')
  t.equal(await refusedWith(machine.enrol(second.code)), 'already-enrolled')
  t.match(await (await pairing.machine()).enrol(second.code), { name: 'worker-2' }, 'and has not used it up')
})

t.test('a name is checked before it is used', async (t) => {
  const pairing = await openPairing(t)
  t.equal(await refusedWith(pairing.code('Worker_1')), 'invalid-name')
  const machine = await pairing.machine()
  const { code } = await pairing.code()
  for (const name of ['', 'Worker', 'a b', 'wörker', 'a\u0000b', 'x'.repeat(254), '-a', 'a..b', 'wоrker']) {
    await t.rejects(machine.enrol(code, { name }), { code: 'invalid-name' }, JSON.stringify(name))
  }
  // so that it is not refused for calling too often
  pairing.clock.advance(10_000)
  await t.rejects(machine.enrol(code, { name: '\u001b[31m' }), { message: /"\\u\{1b\}\[31m"/ }, 'the value is escaped')
  t.match(await machine.enrol(code, { name: 'node-7.example.org' }), { name: 'node-7.example.org' })
})

t.test('user-data has host and port of the Kubernetes API, also if the port is the default', async (t) => {
  const pairing = await openPairing(t)
  const { certificateAuthority } = await pairing.cluster.endpoint()
  const table = [
    ['https://172.30.0.1:6443', '172.30.0.1:6443'],
    ['https://api.example.org:443', 'api.example.org:443'],
    ['https://api.example.org', 'api.example.org:443'],
    ['https://[2001:db8::1]:443', '[2001:db8::1]:443'],
    ['https://[2001:db8::1]:8443', '[2001:db8::1]:8443']
  ] as const
  for (const [server, apiEndpoint] of table) {
    pairing.cluster.endpoint = async () => ({ server, certificateAuthority })
    t.equal((await pairing.code()).install.apiEndpoint, apiEndpoint, server)
  }
})

t.test('a code keeps its policy of preflight, and hands it to its enrolment', async (t) => {
  const pairing = await openPairing(t)
  const policy = { remediate: 'off' as const, ignore: ['mtu'] }
  const { code, id } = await pairing.operator.createCode({ name: 'worker-1', ttl: 1800, policy })
  await pairing.restart()
  t.match(await pairing.operator.showCode(id), { policy })
  t.match(await (await pairing.machine()).enrol(code), { policy })
  t.match(await pairing.operator.show('worker-1'), { policy })
  for (const wrong of [{ remediate: 'all', ignore: [] }, { ignore: ['x'.repeat(65)] }, {}, { ignore: [], extra: 1 }]) {
    const asked = { ttl: 1800, policy: wrong as unknown as typeof policy }
    t.equal(await refusedWith(pairing.operator.createCode(asked)), 'invalid-request', JSON.stringify(wrong))
  }
})

t.test('a mistake in a code is reported when it is made, in words, with a remedy', async (t) => {
  const { operator } = await openPairing(t)
  const refusal = (body: Parameters<typeof operator.createCode>[0]) =>
    operator.createCode(body).then(
      () => undefined,
      ({ code, message, remedy }) => ({ code, message, remedy })
    )
  t.match(await refusal({ ttl: 1800, policy: { ignore: ['mtu', 'swpa'] } }), {
    code: 'invalid-request',
    message: 'no preflight check is called "swpa"',
    remedy: /^give one of root, .*swap, .*unique-machine$/
  })
  t.match(await refusal({ ttl: 1800, name: 'Bad_Name' }), {
    code: 'invalid-name',
    remedy: 'give a name like worker-1: --name NAME'
  })
  await t.rejects(operator.reject('worker-1', { reason: '' }), { code: 'invalid-request', message: 'reason is empty' })
})

t.test('a second open code of a name, or a code of a taken name, is made with a warning', async (t) => {
  const pairing = await openPairing(t)
  const { operator, cluster } = pairing
  const made = async (name: string) => (await pairing.code(name)).warnings
  t.equal(await made('worker-{n}'), undefined)
  t.equal(await made('worker-{n}'), undefined, 'each machine gets another name')
  const first = await pairing.code('worker-1')
  t.equal(first.warnings, undefined)
  t.match(await made('worker-1'), [new RegExp(`another open code \\(${first.id}\\)`)])
  for (const { id } of (await operator.listCodes()).items) await operator.revokeCode(id)
  const last = await pairing.code('worker-1')
  t.equal(last.warnings, undefined, "what is over is in nobody's way")
  await (await pairing.machine()).enrol(last.code)
  t.equal(await made('worker-1'), undefined, 'a machine that waits has no name yet')
  await approve(pairing, 'worker-1')
  t.match(await made('worker-1'), [/another open code/, /an enrolment that is approved/])
  await cluster.bindPod('db', 'worker-7')
  t.match(await made('worker-7'), [/not free in the cluster \(Pod default\/db is bound to worker-7\)/])
})
