import { bootId, paths } from '@joinery/agent/testing/machine'
import { eventually } from '@joinery/testing/clocks/eventually'
import t, { type Test } from 'tap'
import { type JoinedMachine, openJoined } from './way-back-machine.ts'

/** What is true of a machine that came back: a certificate that is taken, and no secret of the way back left. */
const isBack = async (t: Test, open: JoinedMachine, serial: string | undefined): Promise<void> => {
  t.not(await open.serial(), serial, 'another certificate')
  const { pem, api } = await open.machine.recovering.look(open.nodeName)
  t.match({ pem, api }, { pem: { state: 'whole' }, api: { status: 200 } })
  t.notOk(await open.has(paths.bootstrapConf), 'the credential is removed')
  t.notOk(await open.has('/var/lib/joinery-agent/recovery-key.json'), 'and its key')
  t.equal(open.server.frozen, false)
  const { current, ...rest } = await open.record()
  t.match(current, /^[0-9a-f]{64}$/)
  t.same(rest, {}, 'the value that follows is now the present one')
  t.equal(current, open.server.confirmed)
  const { joined } = await open.journal.read()
  t.equal(joined?.certificate.serial, await open.serial(), 'the journal knows the new certificate')
}

t.test('a good certificate is one look, and nothing is asked or changed', async (t) => {
  const open = await openJoined(t)
  t.match(await open.recover(), { end: 'nothing', why: /takes the certificate/ })
  t.same(open.steps, ['finish'])
  t.same(open.server.asked, [])
})

t.test('an agent that made no Node of the machine has no way back', async (t) => {
  const open = await openJoined(t)
  await open.expire()
  await open.journal.write({})
  await open.files.write(paths.bootstrapConf, 'of a join', 0o600)
  t.match(await open.recover(), { end: 'nothing', why: /made no Node/ })
  t.ok(await open.has(paths.bootstrapConf), 'what a join left is not touched')
})

t.test('a certificate that expired while the machine was off', async (t) => {
  const open = await openJoined(t)
  await open.expire()
  await open.machine.reboot()
  const serial = await open.serial()
  const conf = await open.files.read(paths.kubeletConf)
  t.match(await open.recover(), { end: 'recovered', why: /serial/ })
  await isBack(t, open, serial)
  t.same(
    open.steps.filter((step) => step !== 'await'),
    ['ask', 'claim', 'place', 'report']
  )
  t.match(open.server.asked, [
    { reason: 'expired', serial, next: /^[0-9a-f]{64}$/, notAfter: /Z$/, bootId: await bootId(open.machine.files) }
  ])
  t.match(open.server.outcomes, [{ outcome: 'ready', certificate: { serial: await open.serial() } }])
  t.equal(await open.files.read(paths.kubeletConf), conf, 'the same server and CA give the same file')
  t.match(await open.recover(), { end: 'nothing' }, 'and there is nothing to do any more')
})

t.test('a certificate that expired while the kubelet ran: the kubelet is restarted, once', async (t) => {
  const open = await openJoined(t)
  await open.expire()
  open.clock.pass(60_000)
  const serial = await open.serial()
  t.match(await open.recover(), { end: 'recovered' })
  await isBack(t, open, serial)
  t.equal(open.steps.filter((step) => step === 'restart').length, 1)
})

t.test('a certificate that is missing', async (t) => {
  const open = await openJoined(t)
  await open.remove()
  open.clock.pass(60_000)
  t.match(await open.recover(), { end: 'nothing', why: /in memory/ }, 'while the kubelet runs, its Node is Ready')
  await open.machine.reboot()
  t.match(await open.recover(), { end: 'recovered' })
  await isBack(t, open, undefined)
  t.match(open.server.asked, [{ reason: 'missing' }])
})

for (const [what, text] of [
  ['cannot be read', () => 'nothing of use'],
  ['has a key that does not fit', (pem: string) => pem]
] as const) {
  t.test(`a certificate that ${what} is taken out of the way of the kubelet`, async (t) => {
    const open = await openJoined(t)
    const other = await openJoined(t)
    const certificate = (await open.pem()).split('-----BEGIN PRIVATE KEY-----')[0]
    const key = (await other.pem()).slice((await other.pem()).indexOf('-----BEGIN PRIVATE KEY-----'))
    await open.files.write(paths.kubeletCertificate, text(`${certificate}${key}`), 0o600)
    await open.machine.reboot()
    const serial = await open.serial()
    t.match(await open.recover(), { end: 'recovered' })
    await isBack(t, open, serial)
    t.match(open.server.asked, [{ reason: 'unreadable' }])
    t.ok(open.steps.indexOf('remove-certificate') > open.steps.indexOf('place'), 'the credential is there before')
  })
}

t.test('a second way back asks with the value of the first', async (t) => {
  const open = await openJoined(t)
  for (const round of [0, 1, 2]) {
    await open.expire()
    await open.machine.reboot()
    t.match(await open.recover(), { end: 'recovered' })
    t.equal(open.server.asked[round]?.current, open.server.asked[round - 1]?.next)
  }
  t.equal(open.server.frozen, false)
})

t.test('the CA of the cluster changed: kubelet.conf and ca.crt are put right by one certificate', async (t) => {
  for (const expires of [false, true]) {
    const open = await openJoined(t)
    const right = await open.forgetAuthority()
    if (expires) await open.expire()
    await open.machine.reboot()
    open.clock.pass(60_000)
    const serial = await open.serial()
    t.match(await open.recover(), { end: 'recovered' })
    await isBack(t, open, serial)
    t.match(await open.files.read(paths.kubeletConf), right)
    t.equal(await open.files.read(paths.clusterAuthority), open.endpoint.certificateAuthority)
    t.match(open.server.asked, [{ reason: 'unreadable', serial }])
  }
})

t.test('kubelet.conf is missing: the kubelet writes it anew, as it was', async (t) => {
  const open = await openJoined(t)
  const conf = await open.files.read(paths.kubeletConf)
  await open.files.remove(paths.kubeletConf)
  await open.machine.reboot()
  const serial = await open.serial()
  t.match(await open.recover(), { end: 'recovered' })
  await isBack(t, open, serial)
  t.equal(await open.files.read(paths.kubeletConf), conf)
  t.match(open.server.asked, [{ reason: 'missing', serial }])
})

const years = 3 * 365 * 86_400_000

t.test(
  'a clock that is years ahead makes no way back, and the kubelet comes round when the clock is right',
  async (t) => {
    const open = await openJoined(t)
    const serial = await open.serial()
    await open.setClock(years)
    t.match(await open.recover(), { end: 'nothing', why: /takes the certificate/ })
    t.same(open.server.asked, [])
    await open.setClock(0)
    t.match(await open.recover(), { end: 'nothing' })
    t.equal(await open.serial(), serial)
  }
)

t.test(
  'a clock that is years behind: the kubelet takes its old certificate for good, so it is taken away',
  async (t) => {
    const open = await openJoined(t)
    await open.expire()
    await open.setClock(-years)
    open.clock.pass(60_000)
    const serial = await open.serial()
    t.match(await open.recover(), { end: 'recovered' })
    await isBack(t, open, serial)
    t.ok(open.steps.includes('remove-certificate'))
  }
)

t.test(
  'nothing is concluded if the API server does not answer, and a leftover credential goes all the same',
  async (t) => {
    const open = await openJoined(t)
    await open.expire()
    await open.machine.reboot()
    const conf = (await open.files.read(paths.kubeletConf)) ?? ''
    await open.files.write(paths.kubeletConf, conf.replace(/server: .*/, 'server: https://192.0.2.9:6443'), 0o600)
    await open.files.write(paths.bootstrapConf, 'a credential', 0o600)
    t.match(await open.recover(), { end: 'later', why: /nothing listens/ })
    t.notOk(await open.has(paths.bootstrapConf))
    t.same(open.server.asked, [])
  }
)

t.test('a Node that was deleted is registered again by a restart, and needs no way back', async (t) => {
  const open = await openJoined(t)
  await open.cluster.deleteNodeAsAdmin(open.nodeName)
  t.match(await open.recover(), { end: 'failed', remedy: ['systemctl restart kubelet'] })
  t.same(open.server.asked, [])
})

t.test('it waits for an operator, says so, and gives up for now at its time', async (t) => {
  const open = await openJoined(t)
  await open.expire()
  await open.machine.reboot()
  open.server.approves = false
  t.match(await open.recover(60_000), { end: 'later', why: /waiting for an operator/ })
  t.match(open.said, [/asking/, /waiting for an operator/])
  t.match(await open.recover(60_000), { end: 'later' })
  t.match(
    open.server.asked[1],
    { next: open.server.asked[0]?.next, joinKey: open.server.asked[0]?.joinKey },
    'the same ask'
  )
  const waits = open.start()
  open.server.approve()
  t.match(await waits.ended, { end: 'recovered' })
  await isBack(t, open, undefined)
})

t.test('a machine whose Node is Ready still asks again, and comes back', async (t) => {
  const open = await openJoined(t)
  await open.expire()
  await open.machine.reboot()
  open.server.refuses = 'recovery-not-yet'
  const recovers = open.recover()
  await eventually('it asks again', async () => (open.server.asked.length > 1 ? true : undefined))
  open.server.refuses = undefined
  t.match(await recovers, { end: 'recovered' })
})

for (const problem of ['recovery-not-needed', 'recovery-refused', 'node-gone'] as const) {
  t.test(`a refusal ends it: ${problem}`, async (t) => {
    const open = await openJoined(t)
    await open.expire()
    await open.machine.reboot()
    open.server.refuses = problem
    t.match(await open.recover(), { end: 'failed', why: problem })
    t.equal(open.server.asked.length, 1)
    t.notOk((await open.record()).asked, 'the server did not take the value')
    open.server.refuses = undefined
    t.match(await open.recover(), { end: 'recovered' })
    t.equal(open.server.frozen, false)
  })
}

t.test('an operator who ends it while it waits ends it here', async (t) => {
  const open = await openJoined(t)
  await open.expire()
  await open.machine.reboot()
  open.server.approves = false
  const waits = open.start((moment) => {
    if (moment === 'wait: before server.wait') open.server.end('an operator refused it')
  })
  t.match(await waits.ended, { end: 'failed', why: /refused/ })
  t.notOk(await open.has(paths.bootstrapConf))
})

t.test('a kubelet that heals itself while it waits ends the wait', async (t) => {
  const open = await openJoined(t)
  const pem = await open.pem()
  await open.expire()
  await open.machine.reboot()
  open.server.approves = false
  const waits = open.start(async (moment) => {
    if (moment === 'wait: before server.wait') await open.files.write(paths.kubeletCertificate, pem, 0o600)
  })
  t.match(await waits.ended, { end: 'recovered' })
  t.equal(open.server.claims, 0)
})

t.test('a kubelet that does not come round is told to the server, and the credential is removed', async (t) => {
  const open = await openJoined(t)
  await open.expire()
  await open.machine.reboot()
  const fails = open.start((moment) => {
    // somebody stops it in between: nobody starts it again
    if (moment === 'place: before machine.writeBootstrap') open.machine.powerOff()
    if (moment === 'place: after machine.writeBootstrap') open.clock.pass(600_000)
  })
  t.match(await fails.ended, { end: 'failed', why: /in time/, remedy: [/journalctl/] })
  t.notOk(await open.has(paths.bootstrapConf))
  t.match(open.server.outcomes, [{ outcome: 'failed', attempt: 2, class: 'machine' }])
  t.match(JSON.stringify(open.server.outcomes), /is expired.*unable to load bootstrap kubeconfig/)
  await open.machine.reboot()
  t.match(await open.recover(), { end: 'recovered' }, 'it may ask again')
  await isBack(t, open, undefined)
})
