import { createHash, X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commandGroup, controlPlaneCommandGroup, workerGroup } from '@joinery/kube/names'
import { joinCommandLifetime } from '@joinery/protocol'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, askForCertificate, refusedWith, register } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

const ttl = 600

const command = ({ operator }: Pairing, name = 'worker-1') => operator.joinCommand({ name, ttl })

/** A join command, and the machine's kubelet up to its approved request. */
const joining = async (t: Test) => {
  const pairing = await openPairing(t)
  const { token, ...made } = await command(pairing)
  const machine = await pairing.machine()
  const { csr, key } = await askForCertificate(pairing, token, 'worker-1')
  await pairing.reconcile()
  return { pairing, machine, token, csr, key, made }
}

t.test('a machine joins by plain kubeadm, and is ready by its Node, without an alert', async (t) => {
  const { pairing, machine, csr, key, made } = await joining(t)
  const { cluster, operator } = pairing
  t.match(await cluster.csr(csr), { approved: true })
  const { message } = await operator.show('worker-1')
  t.equal(message, `joining: the join command is good until ${made.expires}`)
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.reconcile()
  t.match(await operator.show('worker-1'), { state: 'joined' })
  t.same(await cluster.tokens(), [], 'no token after the Node')
  await cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
  await pairing.reconcile()
  const ready = await operator.show('worker-1')
  t.match(ready, { id: made.enrolment, state: 'ready', confirmed: false, message: 'ready, without an agent' })
  t.match(ready, { withoutAgent: true, code: '', key: '', address: '', preflight: { length: 0 }, attempts: [{ csr }] })
  t.same(
    ready.timeline.map(({ actor, event, alert }) => `${actor} ${event}${alert ? ' ALERT' : ''}`),
    [
      'operator join-command',
      'server csr-approved',
      'cluster certificate-issued',
      'cluster register',
      'cluster node-condition',
      'server become-ready'
    ]
  )
})

t.test('the answer has what kubeadm needs: endpoint, CA, hash, a token that signs, and its end', async (t) => {
  const pairing = await openPairing(t)
  const { cluster, clock } = pairing
  const { token, expires, caCertHashes, certificateAuthority, ...made } = await command(pairing)
  const ca = new X509Certificate(certificateAuthority)
  const spki = ca.publicKey.export({ type: 'spki', format: 'der' })
  t.same(caCertHashes, [`sha256:${createHash('sha256').update(spki).digest('hex')}`])
  const { server } = await cluster.endpoint()
  t.same(made, { enrolment: made.enrolment, name: 'worker-1', role: 'worker', server, discovery: 'cluster-info' })
  const [id = '', secret] = token.split('.')
  t.match(await cluster.tokenData(id), {
    'token-secret': secret,
    'usage-bootstrap-signing': 'true',
    'auth-extra-groups': commandGroup,
    expiration: `${expires.slice(0, 19)}Z`
  })
  t.hasProp(await cluster.clusterInfo(), `jws-kubeconfig-${id}`, 'kubeadm finds the cluster by it')
  const left = (Date.parse(expires) - clock.now().getTime()) / 1000
  t.ok(left > ttl - 60 && left <= ttl)
})

t.test('if cluster-info is private, the machine discovers by a file, and the token signs nothing', async (t) => {
  const pairing = await openPairing(t)
  await pairing.cluster.hideClusterInfo()
  const { token, discovery } = await command(pairing)
  t.equal(discovery, 'file')
  t.notOk('usage-bootstrap-signing' in ((await pairing.cluster.tokenData(token.slice(0, 6))) ?? {}))
})

t.test('the secret is only in the answer, not in store, log, or what is shown', async (t) => {
  const pairing = await openPairing(t)
  const { operator, config } = pairing
  const { token } = await command(pairing)
  const files = (await readdir(config.state)).filter((file) => file.startsWith('joinery.db'))
  const stored = await Promise.all(files.map((file) => readFile(join(config.state, file), 'latin1')))
  const shown = JSON.stringify([await operator.show('worker-1'), await operator.list()])
  t.ok(stored.join('').includes(token.slice(0, 6)), 'it is the store that was searched')
  for (const text of [...stored, shown, pairing.log]) t.notOk(text.includes(token.slice(7)), text.slice(0, 60))
})

t.test('a second command of a name is refused until the first one is rejected', async (t) => {
  const pairing = await openPairing(t)
  const first = await command(pairing)
  t.equal(await refusedWith(command(pairing)), 'name-in-use')
  await pairing.operator.reject('worker-1', { reason: 'the answer was lost' })
  t.same(await pairing.cluster.tokens(), [])
  const second = await command(pairing)
  t.not(second.token, first.token)
  t.same(await pairing.cluster.tokens(), [second.token.slice(0, 6)])
})

t.test('two commands of one name at once make one enrolment and one token', async (t) => {
  const pairing = await openPairing(t)
  const codes = await Promise.all([1, 2, 3].map(() => refusedWith(command(pairing))))
  t.same(codes.sort(), ['name-in-use', 'name-in-use', undefined])
  t.equal((await pairing.operator.list()).items.length, 1)
  t.equal((await pairing.cluster.tokens()).length, 1)
})

t.test('commands of many names do not disturb each other', async (t) => {
  const pairing = await openPairing(t)
  const names = ['worker-1', 'worker-2', 'worker-3']
  const made = await Promise.all(names.map((name) => command(pairing, name)))
  t.equal(new Set(made.map(({ token }) => token)).size, 3)
})

t.test('a command gets no name that a Node, a Pod or another enrolment has', async (t) => {
  const pairing = await openPairing(t)
  await (await pairing.machine()).enrol((await pairing.code('worker-1')).code)
  await approve(pairing, 'worker-1')
  t.equal(await refusedWith(command(pairing)), 'name-in-use', 'it is approved')
  await pairing.cluster.bindPod('left-over', 'worker-2')
  t.equal(await refusedWith(command(pairing, 'worker-2')), 'name-in-use')
  t.same(await pairing.cluster.tokens(), [])
})

t.test('a machine with an agent does not get the name of a command', async (t) => {
  const pairing = await openPairing(t)
  await command(pairing)
  await (await pairing.machine()).enrol((await pairing.code('worker-1')).code)
  const { items } = await pairing.operator.list()
  const [agent] = items.filter(({ withoutAgent }) => !withoutAgent)
  t.match(agent, { state: 'pending', nameConflict: /joining/ })
  t.equal(await refusedWith(approve(pairing, agent?.id ?? '')), 'name-in-use')
})

t.test('the token of an unused command goes at its end, and the command cannot be retried', async (t) => {
  const pairing = await openPairing(t)
  const { operator, cluster, clock } = pairing
  const { token } = await command(pairing)
  clock.advance(ttl * 1000)
  await pairing.reconcile()
  t.same(await cluster.tokens(), [])
  t.equal(await refusedWith(askForCertificate(pairing, token, 'worker-1')), 'Refusal: Unauthorized')
  const { state, revision, key } = await operator.show('worker-1')
  t.equal(state, 'failed')
  await t.rejects(operator.retry('worker-1', { revision, key }), {
    code: 'illegal-event',
    remedy: 'joinery join-command --name worker-1'
  })
  t.match(await command(pairing), { name: 'worker-1' })
})

t.test('a request that came in time is not approved after the end', async (t) => {
  const pairing = await openPairing(t)
  const { token } = await command(pairing)
  const { csr } = await askForCertificate(pairing, token, 'worker-1')
  pairing.clock.advance(ttl * 1000)
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false })
})

t.test('only one request is approved', async (t) => {
  const { pairing, token } = await joining(t)
  const { csr } = await askForCertificate(pairing, token, 'worker-1')
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false, denied: true })
  t.equal((await pairing.operator.show('worker-1')).state, 'joining')
})

t.test('a request for another name freezes, alerts and deletes the token, until a rejection', async (t) => {
  const pairing = await openPairing(t)
  const { operator } = pairing
  const { token } = await command(pairing)
  const { csr } = await askForCertificate(pairing, token, 'worker-2')
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false })
  t.same(await pairing.cluster.tokens(), [])
  const { state, timeline } = await operator.show('worker-1')
  t.equal(state, 'frozen')
  t.match(timeline.at(-1), { event: 'conflict', alert: true })
  t.equal(await refusedWith(operator.release('worker-1', { key: `sha256:${'0'.repeat(64)}` })), 'illegal-event')
  t.equal(await refusedWith(command(pairing)), 'name-in-use')
  await operator.reject('worker-1', { reason: 'a stolen command' })
  t.match(await command(pairing), { name: 'worker-1' })
})

t.test('a Node that appears after its command was rejected is banned', async (t) => {
  const { pairing, machine, csr, key } = await joining(t)
  await pairing.operator.reject('worker-1', { reason: 'a mistake' })
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.reconcile()
  t.match((await pairing.operator.show('worker-1')).timeline.at(-1), { event: 'unwanted-node', alert: true })
})

t.test('a server that died before the Secret leaves a name that a rejection frees', async (t) => {
  const pairing = await openPairing(t)
  const { token } = await command(pairing)
  await pairing.cluster.deleteToken(token.slice(0, 6))
  await pairing.restart()
  await pairing.reconcile()
  t.same(await pairing.cluster.tokens(), [], 'nobody makes it later')
  t.equal(await refusedWith(command(pairing)), 'name-in-use')
  await pairing.operator.reject('worker-1', { reason: 'the answer was lost' })
  await command(pairing)
  t.equal((await pairing.cluster.tokens()).length, 1)
})

t.test('a server restarted after the answer approves the request, and deletes the token at the end', async (t) => {
  const pairing = await openPairing(t)
  const { token } = await command(pairing)
  await pairing.restart()
  const { csr } = await askForCertificate(pairing, token, 'worker-1')
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: true })
  await pairing.restart()
  pairing.clock.advance(ttl * 1000)
  await pairing.reconcile()
  t.same(await pairing.cluster.tokens(), [])
})

t.test('if the token cannot be made, the command fails at once, and the name is free', async (t) => {
  const pairing = await openPairing(t)
  const { cluster, operator } = pairing
  const undo = Object.assign({}, { createToken: cluster.createToken })
  cluster.createToken = async (token) => {
    await undo.createToken(token)
    throw new Error('the answer was lost')
  }
  t.equal(await refusedWith(command(pairing)), 'internal')
  t.match(await operator.show('worker-1'), { state: 'failed', message: /its token was not made: the answer was lost/ })
  t.same(await cluster.tokens(), [], 'nor is one left that was made')
  Object.assign(cluster, undo)
  t.match(await command(pairing), { name: 'worker-1' })
})

t.test('a control plane joins by a token of its own group, one at a time, beside workers', async (t) => {
  const pairing = await openPairing(t)
  const { cluster, operator } = pairing
  const asControlPlane = (name: string) => operator.joinCommand({ name, role: 'control-plane', ttl })
  const codes = await Promise.all(['cp-2', 'cp-3'].map((name) => refusedWith(asControlPlane(name))))
  t.same(codes.sort(), ['control-plane-busy', undefined], 'of twins the second one waits')
  await command(pairing)
  const { items } = await operator.list()
  t.same(items.map(({ role }) => role).sort(), ['control-plane', 'worker'])
  const [first] = items.filter(({ role }) => role === 'control-plane')
  await operator.reject(first?.id ?? '', { reason: 'the keys were not uploaded' })

  const { token, role } = await asControlPlane('cp-4')
  t.equal(role, 'control-plane')
  t.match(await cluster.tokenData(token.slice(0, 6)), { 'auth-extra-groups': controlPlaneCommandGroup })
  const machine = await pairing.machine()
  const { csr, key } = await askForCertificate(pairing, token, 'cp-4')
  await pairing.reconcile()
  await register(pairing, machine, 'cp-4', csr, key)
  await pairing.reconcile()
  t.equal(await refusedWith(asControlPlane('cp-5')), 'control-plane-busy', 'its etcd is not proven yet')
  await cluster.setNodeReady('cp-4', 'True', 'KubeletReady', '')
  await pairing.reconcile()
  t.match(await operator.show('cp-4'), { state: 'ready', role: 'control-plane', withoutAgent: true })
  t.match(await asControlPlane('cp-5'), { name: 'cp-5' })
})

t.test('no command is made in a cluster that is unreachable, unsafe, or does not hold the server', async (t) => {
  const pairing = await openPairing(t)
  const { cluster, operator } = pairing
  const unbind = await cluster.bindBootstrappersToNodeclient()
  t.equal(await refusedWith(command(pairing)), 'cluster-unsafe')
  await unbind()
  const bind = await cluster.unbindPolicy('joinery-bootstrap-tokens')
  await pairing.restart()
  t.equal(await refusedWith(command(pairing)), 'cluster-unsafe')
  await bind()
  await cluster.goDown()
  t.equal(await refusedWith(command(pairing)), 'cluster-unavailable')
  await cluster.comeBack()
  t.same((await operator.list()).items, [])
  t.same(await cluster.tokens(), [])
})

t.test('a server without a right to Secrets makes no command, and has a remedy', async (t) => {
  const pairing = await openPairing(t, { credential: 'certificate' })
  await t.rejects(command(pairing), {
    code: 'credential-unavailable',
    remedy: 'joinery code create --credential certificate'
  })
  t.same((await pairing.operator.list()).items, [])
})

t.test('hostile and impossible requests are refused before anything is made', async (t) => {
  const pairing = await openPairing(t)
  const { operator } = pairing
  for (const name of ['', 'Worker', '-x', 'a b', '$(reboot)', 'worker-{n}', `worker'1`, 'x'.repeat(254), 'wоrker']) {
    t.equal(await refusedWith(operator.joinCommand({ name, ttl })), 'invalid-name', name)
  }
  const { minimum, maximum } = joinCommandLifetime
  for (const wrong of [minimum - 1, maximum + 1, 60.5, -1]) {
    t.equal(await refusedWith(operator.joinCommand({ name: 'worker-1', ttl: wrong })), 'invalid-request', `${wrong}`)
  }
  const more = { name: 'worker-1', ttl, group: workerGroup }
  t.equal(await refusedWith(operator.joinCommand(more)), 'invalid-request')
  t.same((await operator.list()).items, [])
  for (const [name, seconds] of [
    ['worker-1', minimum],
    ['worker-2', maximum]
  ] as const) {
    t.match(await operator.joinCommand({ name, ttl: seconds }), { name }, name)
  }
})
