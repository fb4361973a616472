import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { certificateRequest } from '@joinery/agent/testing/keys'
import { controlPlaneGroup } from '@joinery/kube/names'
import { attemptLifetimes, fingerprint, grantLifetime } from '@joinery/protocol'
import { signSealKey } from '@joinery/protocol/seal'
import { eventually } from '@joinery/testing/clocks/eventually'
import {
  type ControlPlane,
  clusterKeys,
  controlPlaneMark,
  enrolled,
  grant,
  newSealKey,
  sealedKeys
} from '@joinery/testing/pairing/control-planes'
import { newJoinKey } from '@joinery/testing/pairing/join-keys'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, askForCertificate, claimToken, refusedWith, register, retry } from '@joinery/testing/pairing/steps'
import t from 'tap'

const granted = async (pairing: Pairing, name: string): Promise<ControlPlane> => {
  const controlPlane = await enrolled(pairing, name)
  await approve(pairing, name)
  await grant(pairing, name)
  return controlPlane
}
/** The rest of a join up to the Node, which kubeadm has not marked yet. */
const registersNode = async (pairing: Pairing, { machine, name }: ControlPlane, token: string) => {
  const { csr, key } = await askForCertificate(pairing, token, name)
  await pairing.reconcile()
  return register(pairing, machine, name, csr, key)
}
const isMarked = ({ cluster }: Pairing, name: string) =>
  cluster.relabelNode(name, { labels: controlPlaneMark, taints: [] })
const becomesReady = async (pairing: Pairing, { machine, name }: ControlPlane, certificate: string) => {
  await isMarked(pairing, name)
  await pairing.cluster.setNodeReady(name, 'True', 'KubeletReady', '')
  const { publicKey, serialNumber: serial } = new X509Certificate(certificate)
  await machine.server.outcome({ outcome: 'ready', certificate: { fingerprint: fingerprint(publicKey), serial } })
  await pairing.reconcile()
  await pairing.reconcile()
}
const fails = ({ machine }: ControlPlane, attempt: number) =>
  machine.server.outcome({ outcome: 'failed', attempt, class: 'machine', stage: 'etcd', output: [] })
const eventsOf = async ({ operator }: Pairing, name: string) =>
  (await operator.show(name)).timeline.map(({ event }) => event)

t.test('a control plane joins from its code to Ready by a grant of root', async (t) => {
  const pairing = await openPairing(t)
  const { operator, cluster } = pairing
  const labels = { rack: 'r7' }
  const taints = [{ key: 'dedicated', value: 'api', effect: 'NoSchedule' as const }]
  const controlPlane = await enrolled(pairing, 'cp-2', { labels, taints })
  const { machine, sealKey } = controlPlane
  const shown = await operator.show('cp-2')
  t.match(shown, { role: 'control-plane', sealKey, controlPlanes: 1, etcd: 'stacked', state: 'pending' })
  await approve(pairing, 'cp-2')
  const message = 'approved, waiting for root on a control-plane host: sudo joinery grant cp-2'
  t.match(await operator.show('cp-2'), { message })
  const own = await machine.server.wait(0, 0, new AbortController().signal)
  t.match(own, { role: 'control-plane', message })
  t.equal(own?.granted, undefined)
  await t.rejects(machine.server.claim(), { code: 'not-granted' })
  t.same(await cluster.tokens(), [], 'nothing was made')

  const waits = machine.server.wait(own?.revision ?? 0, 20, new AbortController().signal)
  const { granted: good } = await grant(pairing, 'cp-2')
  t.ok(Date.parse(good ?? '') - pairing.clock.now().getTime() <= grantLifetime)
  t.match(
    await waits,
    { granted: true, message: `approved, granted until ${good}, waiting for the agent` },
    'its agent is woken'
  )
  const { token, sealed = '', ...rest } = await claimToken(machine)
  t.same(await controlPlane.open(sealed, shown.id), clusterKeys)
  t.notOk('taints' in rest, 'with any kubeadm would leave its own away')
  t.match(await cluster.tokenData(token.slice(0, 6)), { 'auth-extra-groups': controlPlaneGroup })

  const certificate = await registersNode(pairing, controlPlane, token)
  await pairing.reconcile()
  t.match(await operator.show('cp-2'), { state: 'joining' }, 'kubeadm has not marked it yet')
  await isMarked(pairing, 'cp-2')
  await eventually('it is labelled', async () => (await eventsOf(pairing, 'cp-2')).includes('labelled'))
  t.match(await operator.show('cp-2'), { state: 'joined', granted: undefined })
  t.same(await cluster.labelsAndTaints('cp-2'), { labels: { ...controlPlaneMark, ...labels }, taints })
  await pairing.cluster.setNodeReady('cp-2', 'True', 'KubeletReady', '')
  const { publicKey, serialNumber: serial } = new X509Certificate(certificate)
  await machine.server.outcome({ outcome: 'ready', certificate: { fingerprint: fingerprint(publicKey), serial } })
  await pairing.reconcile()
  t.match(await operator.show('cp-2'), { state: 'ready', confirmed: true, controlPlanes: undefined })
  t.same(await cluster.tokens(), [])
})

t.test('a control plane gets a certificate and the keys if its code says so', async (t) => {
  const pairing = await openPairing(t, { credential: 'certificate' })
  const joinKey = await newJoinKey()
  const controlPlane = await enrolled(pairing, 'cp-2', { joinKey: joinKey.fingerprint })
  await approve(pairing, 'cp-2')
  await grant(pairing, 'cp-2')
  const credential = await controlPlane.machine.server.claim({ request: await certificateRequest(joinKey, 'cp-2') })
  t.ok('certificate' in credential)
  const { id } = await pairing.operator.show('cp-2')
  t.same(await controlPlane.open(credential.sealed ?? '', id), clusterKeys)
})

t.test('a claim that is repeated, also by a server that was restarted, gets the same keys', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await granted(pairing, 'cp-2')
  const [first, twin] = await Promise.all([machine.server.claim(), machine.server.claim()])
  t.same(twin, first)
  await pairing.restart()
  t.same(await machine.server.claim(), first)
  t.equal((await pairing.operator.show('cp-2')).attempts.length, 1)
})

t.test('of two control planes that claim at once one joins, and the other gets the reason', async (t) => {
  const pairing = await openPairing(t)
  const both = [await granted(pairing, 'cp-2'), await granted(pairing, 'cp-3')]
  const answers = await Promise.allSettled(both.map(({ machine }) => claimToken(machine)))
  t.same(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  const won = answers.findIndex(({ status }) => status === 'fulfilled')
  const [first, second] = (won === 0 ? both : both.toReversed()) as [ControlPlane, ControlPlane]
  const busy = { code: 'control-plane-busy', message: new RegExp(`${first.name} joins, and has until 2026-`) }
  await t.rejects(second.machine.server.claim(), busy)
  t.match(await pairing.operator.show(second.name), { state: 'approved', attempts: { length: 0 } })
  await pairing.restart()
  await t.rejects(second.machine.server.claim(), busy, 'a restart gives nothing away')

  const { token } = await claimToken(first.machine)
  const certificate = await registersNode(pairing, first, token)
  await isMarked(pairing, first.name)
  await pairing.reconcile()
  t.match(await pairing.operator.show(first.name), { state: 'joined' })
  await t.rejects(second.machine.server.claim(), busy, 'its Node is not ready yet')
  const worker = await pairing.machine()
  await worker.enrol((await pairing.code('worker-1')).code)
  await approve(pairing, 'worker-1')
  t.ok(await claimToken(worker), 'workers do not wait')
  await becomesReady(pairing, first, certificate)
  t.match(await pairing.operator.show(first.name), { state: 'ready' })
  t.ok((await claimToken(second.machine)).sealed)
})

t.test('the next control plane does not wait for one that failed or was rejected', async (t) => {
  const pairing = await openPairing(t)
  const first = await granted(pairing, 'cp-2')
  await claimToken(first.machine)
  const second = await granted(pairing, 'cp-3')
  t.equal(await refusedWith(second.machine.server.claim()), 'control-plane-busy')
  await fails(first, 1)
  t.equal((await claimToken(second.machine)).attempt, 1)
  t.equal(await refusedWith(first.machine.server.claim()), 'control-plane-busy')
  await pairing.operator.reject('cp-3', { reason: 'not ours' })
  t.equal((await claimToken(first.machine)).attempt, 2, 'by the same grant')
})

t.test('the next control plane waits for a silent one only until its deadline', async (t) => {
  const pairing = await openPairing(t)
  const first = await granted(pairing, 'cp-2')
  await registersNode(pairing, first, (await claimToken(first.machine)).token)
  await isMarked(pairing, 'cp-2')
  await pairing.reconcile()
  await enrolled(pairing, 'cp-3').then(async (second) => {
    pairing.clock.advance(attemptLifetimes['control-plane'] - 60_000)
    await approve(pairing, 'cp-3')
    await grant(pairing, 'cp-3')
    t.equal(await refusedWith(second.machine.server.claim()), 'control-plane-busy')
    pairing.clock.advance(60_000)
    t.equal((await claimToken(second.machine)).attempt, 1)
  })
  t.match(await pairing.operator.show('cp-2'), { state: 'joined' })
})

t.test('a grant is good for 15 minutes, and then another one is needed', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await granted(pairing, 'cp-2')
  pairing.clock.advance(grantLifetime)
  await t.rejects(machine.server.claim(), {
    code: 'not-granted',
    message: /good for 15 minutes.*on a control-plane host: sudo joinery grant cp-2/
  })
  t.match(await pairing.operator.show('cp-2'), { state: 'approved', granted: undefined, message: /joinery grant cp-2/ })
  t.same((await eventsOf(pairing, 'cp-2')).slice(-2), ['grant', 'grant-over'])
  await grant(pairing, 'cp-2')
  t.ok((await claimToken(machine)).sealed)
})

t.test('a grant serves only the attempts of its 15 minutes', async (t) => {
  const pairing = await openPairing(t)
  const controlPlane = await granted(pairing, 'cp-2')
  const { machine } = controlPlane
  const { sealed } = await claimToken(machine)
  await fails(controlPlane, 1)
  t.match(await claimToken(machine), { attempt: 2, sealed })
  pairing.clock.advance(grantLifetime)
  t.equal(await refusedWith(machine.server.claim()), 'not-granted', 'the same claim again')
  t.match(await pairing.operator.show('cp-2'), { state: 'joining' }, 'who has the keys goes on')
  await fails(controlPlane, 2)
  t.equal(await refusedWith(machine.server.claim()), 'not-granted')
  await grant(pairing, 'cp-2')
  t.equal((await claimToken(machine)).attempt, 3)
})

t.test('a control plane that failed and was retried needs a new grant', async (t) => {
  const pairing = await openPairing(t)
  const controlPlane = await granted(pairing, 'cp-2')
  for (const attempt of [1, 2, 3]) {
    await claimToken(controlPlane.machine)
    await fails(controlPlane, attempt)
  }
  t.match(await pairing.operator.show('cp-2'), { state: 'failed', granted: undefined })
  await retry(pairing, 'cp-2')
  t.equal(await refusedWith(controlPlane.machine.server.claim()), 'not-granted')
})

const ends: Record<string, (pairing: Pairing, controlPlane: ControlPlane) => Promise<unknown>> = {
  rejected: ({ operator }) => operator.reject('cp-2', { reason: 'not ours' }),
  expired: async ({ clock, reconcile }) => {
    clock.advance(24 * 3600_000)
    await reconcile()
  },
  frozen: async (_, { machine }) => {
    await machine.server.observe({ facts: { ...machine.facts, machineId: 'f'.repeat(32) }, preflight: [] })
  },
  'sent back to pending': async (_, { machine }) => {
    await machine.server.observe({ facts: { ...machine.facts, serial: 'other' }, preflight: [] })
  },
  'with another seal key': async (_, { machine }) => {
    const { sealKey } = await newSealKey(machine)
    await machine.server.observe({ facts: machine.facts, preflight: [], sealKey })
  }
}
for (const [end, come] of Object.entries(ends)) {
  t.test(`a control plane that is ${end} loses its grant`, async (t) => {
    const pairing = await openPairing(t)
    const controlPlane = await granted(pairing, 'cp-2')
    await come(pairing, controlPlane)
    const { state, granted: good } = await pairing.operator.show('cp-2')
    t.equal(good, undefined)
    t.not(state, 'approved')
    t.ok(await refusedWith(controlPlane.machine.server.claim()))
    t.same(await pairing.cluster.tokens(), [])
  })
}

t.test('a seal key with only a new signature is the same key', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { sealKey, privateKey } = await newSealKey(machine)
  const { code } = await pairing.operator.createCode({ name: 'cp-2', ttl: 1800, role: 'control-plane' })
  await machine.enrol(code, { sealKey })
  const { revision } = await approve(pairing, 'cp-2')
  const again = await signSealKey(createPublicKey(privateKey), createPrivateKey(machine.identity.key))
  t.not(again, sealKey)
  await machine.server.observe({ facts: machine.facts, preflight: [], sealKey: again })
  t.match(await pairing.operator.show('cp-2'), { state: 'approved', revision, sealKey })
})

t.test('a seal key that another machine signed, or that was changed, is refused', async (t) => {
  const pairing = await openPairing(t)
  const [machine, thief] = [await pairing.machine(), await pairing.machine()]
  const { code } = await pairing.operator.createCode({ name: 'cp-2', ttl: 1800, role: 'control-plane' })
  const { sealKey } = await newSealKey(machine)
  const { sealKey: stolen } = await newSealKey(thief)
  const [header, , signature] = sealKey.split('.')
  const changed = [header, stolen.split('.')[1], signature].join('.')
  for (const wrong of [stolen, changed, 'a.b.c', 'no seal key', `${'a'.repeat(1024)}.b.c`]) {
    t.equal(await refusedWith(machine.enrol(code, { sealKey: wrong })), 'invalid-request', wrong.slice(0, 20))
  }
  await machine.enrol(code, { sealKey })
  await approve(pairing, 'cp-2')
  const observation = { facts: machine.facts, preflight: [], sealKey: stolen }
  t.equal(await refusedWith(machine.server.observe(observation)), 'invalid-request')
  t.match(await pairing.operator.show('cp-2'), { state: 'approved', sealKey })
})

t.test('an agent that sends no seal key is not approved as a control plane', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { code } = await pairing.operator.createCode({ name: 'cp-2', ttl: 1800, role: 'control-plane' })
  await machine.enrol(code)
  await t.rejects(approve(pairing, 'cp-2'), {
    code: 'illegal-event',
    message: /has not sent the key/,
    remedy: 'upgrade joinery-agent on the machine'
  })
  const { sealKey } = await newSealKey(machine)
  await machine.server.observe({ facts: machine.facts, preflight: [], sealKey })
  t.match(await approve(pairing, 'cp-2'), { state: 'approved' })
})

t.test('the seal key of a worker is ignored, and a worker gets no grant', async (t) => {
  const pairing = await openPairing(t)
  const worker = await pairing.machine()
  const [one, other] = [await newSealKey(worker), await newSealKey(worker)]
  await worker.enrol((await pairing.code('worker-1')).code, { sealKey: one.sealKey })
  await approve(pairing, 'worker-1')
  await worker.server.observe({ facts: worker.facts, preflight: [], sealKey: other.sealKey })
  t.match(await pairing.operator.show('worker-1'), { state: 'approved', message: 'approved, waiting for the agent' })
  t.equal(await refusedWith(grant(pairing, 'worker-1')), 'illegal-event')
  t.notOk('sealed' in (await claimToken(worker)))
})

t.test('a grant needs a present approval, and the present key and seal key', async (t) => {
  const pairing = await openPairing(t)
  const { operator } = pairing
  const { machine } = await enrolled(pairing, 'cp-2')
  const sealed = await sealedKeys(pairing, 'cp-2')
  await t.rejects(operator.grant('cp-2', sealed), { code: 'illegal-event', remedy: 'joinery approve cp-2' })
  await approve(pairing, 'cp-2')
  const key = `sha256:${'a'.repeat(64)}`
  const { sealKey } = await newSealKey(machine)
  const changed = { code: 'revision-changed', remedy: 'look again: joinery show cp-2' }
  await t.rejects(operator.grant('cp-2', { ...sealed, key }), changed)
  await t.rejects(operator.grant('cp-2', { ...sealed, sealKey }), changed)
  for (const wrong of ['', 'in clear', 'a'.repeat(65_537)]) {
    t.equal(
      await refusedWith(operator.grant('cp-2', { ...sealed, sealed: wrong })),
      'invalid-request',
      JSON.stringify(wrong.slice(0, 40))
    )
  }
  t.equal(await refusedWith(operator.grant('cp-9', sealed)), 'not-found')
  t.match(await operator.show('cp-2'), { granted: undefined })
  await operator.grant('cp-2', { ...sealed, sealed: 'a'.repeat(65_536) })
  await operator.grant('cp-2', sealed)
  t.equal((await claimToken(machine)).sealed, sealed.sealed, 'of two grants the later one counts')
  t.equal(await refusedWith(operator.grant('cp-2', sealed)), 'illegal-event', 'it is joining')
})

t.test('of two grants at once one stands', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await enrolled(pairing, 'cp-2')
  await approve(pairing, 'cp-2')
  const both = [await sealedKeys(pairing, 'cp-2'), await sealedKeys(pairing, 'cp-2')]
  await Promise.all(both.map((one) => pairing.operator.grant('cp-2', one)))
  const { sealed } = await claimToken(machine)
  t.ok(both.some((one) => one.sealed === sealed))
  t.same((await eventsOf(pairing, 'cp-2')).filter((event) => event === 'grant').length, 2)
})

t.test('a code for a control plane is for one machine', async (t) => {
  const { operator } = await openPairing(t)
  const create = (more: object) => operator.createCode({ ttl: 1800, role: 'control-plane', ...more })
  await t.rejects(create({ uses: 2 }), { code: 'invalid-request', message: /one machine/ })
  await t.rejects(create({ name: 'cp-{n}' }), { code: 'invalid-request', message: /one machine/ })
  t.equal(await refusedWith(create({ role: 'master' })), 'invalid-request')
  t.same((await operator.listCodes()).items, [])
  const { id } = await create({ name: 'cp-2' })
  t.match(await operator.showCode(id), { role: 'control-plane', timeline: [{ detail: /^control-plane cp-2, until/ }] })
})

t.test('a cluster without a stable endpoint takes no control plane', async (t) => {
  const pairing = await openPairing(t)
  await enrolled(pairing, 'cp-2')
  const { network } = pairing.cluster
  pairing.cluster.network = async () => {
    const { controlPlaneEndpoint: _, ...rest } = await network()
    return rest
  }
  const refused = { code: 'no-stable-endpoint', message: /names no controlPlaneEndpoint/, remedy: /control-planes.md/ }
  await t.rejects(pairing.operator.createCode({ ttl: 1800, role: 'control-plane' }), refused)
  await t.rejects(approve(pairing, 'cp-2'), refused)
  t.ok(await pairing.code('worker-1'), 'a worker it takes')
})

t.test('a cluster that approves by itself gets no token of a control plane', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await granted(pairing, 'cp-2')
  const { autoApproval } = pairing.cluster
  pairing.cluster.autoApproval = async (group) =>
    group === controlPlaneGroup ? 'ClusterRoleBinding odd' : autoApproval(group)
  await t.rejects(machine.server.claim(), { code: 'cluster-unsafe', message: /ClusterRoleBinding odd/ })
  t.same(await pairing.cluster.tokens(), [])
})

t.test('no key of the cluster is in clear in the log, in the store, or in an answer', async (t) => {
  const pairing = await openPairing(t)
  const { operator, config } = pairing
  const controlPlane = await granted(pairing, 'cp-2')
  const { sealed = '' } = await claimToken(controlPlane.machine)
  await refusedWith(grant(pairing, 'cp-2'))
  await fails(controlPlane, 1)
  await pairing.reconcile()
  const databases = (await readdir(config.state)).filter((file) => file.startsWith('joinery.db'))
  const stored = (await Promise.all(databases.map((file) => readFile(join(config.state, file), 'latin1')))).join('')
  const answers = JSON.stringify([await operator.list(), await operator.show('cp-2')])
  t.ok(stored.includes(sealed.slice(-40)), 'it is the store that was searched')
  for (const [place, text] of Object.entries({ log: pairing.log, store: stored, answers })) {
    t.notOk(text.includes('in clear'), place)
    t.notOk(text.includes(Buffer.from('in clear: ca.key').toString('base64').slice(0, 12)), `${place}, in base64`)
  }
  t.notOk(answers.includes(sealed.slice(-40)), 'no operator is shown what is sealed')
  t.notOk(pairing.log.includes(sealed.slice(-40)))
})

/** A control plane whose first attempt failed with its Node there, and not marked. */
const leavesItsNode = async (pairing: Pairing) => {
  const controlPlane = await granted(pairing, 'cp-2')
  await registersNode(pairing, controlPlane, (await claimToken(controlPlane.machine)).token)
  pairing.clock.advance(1000)
  return controlPlane
}
const nodeNames = async ({ cluster }: Pairing) => (await cluster.nodes()).map(({ name }) => name)
const nodeIsGone = (pairing: Pairing) =>
  eventually('the Node is gone', async () => !(await nodeNames(pairing)).includes('cp-2'))
const deletions = async (pairing: Pairing) =>
  (await eventsOf(pairing, 'cp-2')).filter((event) => event === 'node-deleted').length

t.test('the Node of a failed attempt goes before the next attempt, which may have the name', async (t) => {
  const pairing = await openPairing(t)
  const controlPlane = await leavesItsNode(pairing)
  await fails(controlPlane, 1)
  await nodeIsGone(pairing)
  const { token, attempt } = await claimToken(controlPlane.machine)
  t.equal(attempt, 2)
  const certificate = await registersNode(pairing, controlPlane, token)
  await becomesReady(pairing, controlPlane, certificate)
  t.match(await pairing.operator.show('cp-2'), { state: 'ready' })
  t.equal(await deletions(pairing), 1)
})

t.test('the Node of an attempt whose agent is silent stays, until the agent has closed it', async (t) => {
  const pairing = await openPairing(t)
  const controlPlane = await leavesItsNode(pairing)
  pairing.clock.advance(attemptLifetimes['control-plane'])
  await pairing.reconcile()
  await pairing.reconcile()
  t.match(await pairing.operator.show('cp-2'), { state: 'approved', message: /attempt 1 failed: no Node until/ })
  t.same(await nodeNames(pairing), ['cp-2'], 'its etcd may be at work')
  await grant(pairing, 'cp-2')
  t.equal(await refusedWith(controlPlane.machine.server.claim()), 'name-in-use')
  await fails(controlPlane, 1)
  await nodeIsGone(pairing)
  t.equal((await claimToken(controlPlane.machine)).attempt, 2)
})

t.test('a Node that kubeadm has marked is a control plane, and stays', async (t) => {
  const pairing = await openPairing(t)
  const controlPlane = await leavesItsNode(pairing)
  await isMarked(pairing, 'cp-2')
  await pairing.reconcile()
  t.equal(await refusedWith(fails(controlPlane, 1)), 'illegal-event')
  await pairing.reconcile()
  t.match(await pairing.operator.show('cp-2'), { state: 'joined' })
  t.same(await nodeNames(pairing), ['cp-2'])
})

const cuts = ['ban', 'deleteNode'] as const
for (const call of cuts) {
  for (const when of ['before', 'after'] as const) {
    t.test(`a server that dies ${when} ${call} deletes the Node of a failed attempt later`, async (t) => {
      const pairing = await openPairing(t)
      const { cluster } = pairing
      const controlPlane = await leavesItsNode(pairing)
      const real = cluster[call] as (...given: unknown[]) => Promise<void>
      const { promise: cut, resolve } = Promise.withResolvers<void>()
      Object.assign(cluster, {
        [call]: async (...given: unknown[]) => {
          if (when === 'after') await real(...given)
          resolve()
          throw new Error('the power was cut')
        }
      })
      await fails(controlPlane, 1)
      await cut
      Object.assign(cluster, { [call]: real })
      await pairing.restart()
      await pairing.reconcile()
      await nodeIsGone(pairing)
      const { token, attempt } = await claimToken(controlPlane.machine)
      t.equal(attempt, 2)
      t.ok(await registersNode(pairing, controlPlane, token), 'the name is banned no longer')
    })
  }
}

t.test('two passes at once delete the Node of a failed attempt once, and its name is free', async (t) => {
  const pairing = await openPairing(t)
  const controlPlane = await leavesItsNode(pairing)
  await fails(controlPlane, 1)
  await Promise.all([pairing.reconcile(), pairing.reconcile()])
  await nodeIsGone(pairing)
  t.equal((await claimToken(controlPlane.machine)).attempt, 2)
})
