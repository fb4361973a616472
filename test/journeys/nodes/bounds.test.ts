import { certificateRequest } from '@joinery/agent/testing/keys'
import type { Policy } from '@joinery/kube/names'
import { joiningLabel, ProblemError, type TokenCredential } from '@joinery/protocol'
import { newJoinKey } from '@joinery/testing/pairing/join-keys'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import {
  approve,
  approved,
  askForCertificate,
  refusedWith,
  register,
  withApprovedCsr
} from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

const refused = { code: 'cluster-unsafe', message: /a Secret of another type is not refused/ }

const withoutPolicy = async (t: Test) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  const undo = await pairing.cluster.unbindPolicy('joinery-bootstrap-tokens')
  return { pairing, machine, undo }
}

t.test('a server in a cluster that does not hold it makes no token until the cluster does', async (t) => {
  const { pairing, machine, undo } = await withoutPolicy(t)
  await pairing.restart()
  await t.rejects(machine.server.claim(), refused)
  t.same(await pairing.cluster.tokens(), [])
  t.match(pairing.log, 'does not hold this server within its bounds')
  t.match((await pairing.operator.status()).remedies, [
    /does not hold this server.*; joinery-server setup --kubeconfig/
  ])
  await undo()
  t.match(await machine.server.claim(), { attempt: 1 }, 'nobody has to restart it')
  t.same((await pairing.operator.status()).remedies, [])
})

t.test('the next sweep notices a policy that is taken away later', async (t) => {
  const { pairing, machine, undo } = await withoutPolicy(t)
  await pairing.reconcile()
  await t.rejects(machine.server.claim(), refused)
  t.same(await pairing.cluster.tokens(), [])
  await undo()
})

t.test('an open attempt gets no token either, and the enrolment goes on after the repair', async (t) => {
  const { pairing, machine, undo } = await withoutPolicy(t)
  await undo()
  await machine.server.claim()
  await pairing.cluster.unbindPolicy('joinery-bootstrap-tokens')
  await pairing.reconcile()
  await t.rejects(machine.server.claim(), refused)
  await undo()
  t.match(await machine.server.claim(), { attempt: 1 })
})

t.test('a cluster that cannot be asked does not undo its proof', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  await pairing.reconcile()
  await pairing.cluster.goDown()
  await pairing.reconcile()
  await pairing.cluster.comeBack()
  t.match(await machine.server.claim(), { attempt: 1 })
})

t.test('a cluster that never answered proves nothing', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  await pairing.cluster.goDown()
  await pairing.restart()
  await t.rejects(machine.server.claim(), { code: 'cluster-unavailable' })
  await pairing.cluster.comeBack()
  t.match(await machine.server.claim(), { attempt: 1 })
})

t.test('status names both a binding that approves by itself and a missing policy', async (t) => {
  const { pairing } = await withoutPolicy(t)
  await pairing.cluster.bindBootstrappersToNodeclient()
  t.match((await pairing.operator.status()).remedies, [/auto-approve-csrs-for-group/, /another type is not refused/])
})

/** A machine whose code gets a certificate, approved; gives its claim. */
const approvedByCertificate = async (pairing: Pairing) => {
  const joinKey = await newJoinKey()
  const machine = await pairing.machine()
  const { code } = await pairing.operator.createCode({ ttl: 600, name: 'worker-1', credential: 'certificate' })
  await machine.enrol(code, { joinKey: joinKey.fingerprint })
  await approve(pairing, 'worker-1')
  return async () => machine.server.claim({ request: await certificateRequest(joinKey, 'worker-1') })
}

t.test('a certificate does not wait for a policy of tokens', async (t) => {
  const pairing = await openPairing(t)
  const claim = await approvedByCertificate(pairing)
  await pairing.cluster.unbindPolicy('joinery-bootstrap-tokens')
  await pairing.cluster.bindBootstrappersToNodeclient()
  await pairing.restart()
  await pairing.reconcile()
  t.match(await claim(), { attempt: 1, nodeName: 'worker-1' })
})

t.test('a server of certificates asks for no policy of tokens', async (t) => {
  const pairing = await openPairing(t, { credential: 'certificate' })
  await pairing.cluster.bindBootstrappersToNodeclient()
  const claim = await approvedByCertificate(pairing)
  await pairing.restart()
  await pairing.reconcile()
  t.same((await pairing.operator.status()).remedies, [])
  t.match(await claim(), { attempt: 1 })
  t.notMatch(pairing.log, 'does not hold')
})

t.test('a server of certificates that may still make Secrets says so, and goes on', async (t) => {
  const pairing = await openPairing(t)
  pairing.config.credential = 'certificate'
  await pairing.restart()
  const claim = await approvedByCertificate(pairing)
  await pairing.reconcile()
  t.match(await claim(), { attempt: 1 })
  t.match((await pairing.operator.status()).remedies, [
    /bounds: a token for one attempt is not refused; joinery-server setup --kubeconfig/
  ])
  t.match(pairing.log, 'does not hold this server within its bounds')
})

/** The policy, its sentence in `joinery status`, and what waits for it; a way to bring it about that gives whether it was done. */
const rests: [Policy, RegExp, (pairing: Pairing) => Promise<() => Promise<boolean>>][] = [
  [
    'joinery-bootstrap-csrs',
    /does not restrict joining machines to one kind of request: the binding of joinery-bootstrap-csrs is missing, and so no bootstrap token/,
    async (pairing) => {
      const machine = await approved(pairing)
      return async () => (await refusedWith(machine.server.claim())) === undefined
    }
  ],
  [
    'joinery-csrs',
    /a certificate by another signer is not refused, .*, and so no machine gets a certificate/,
    async (pairing) => {
      const claim = await approvedByCertificate(pairing)
      return async () => (await refusedWith(claim())) === undefined
    }
  ],
  [
    'joinery-csr-approvals',
    /an approval for another reason than its own is not refused, and so no request/,
    async (pairing) => {
      const machine = await approved(pairing)
      const { token } = (await machine.server.claim()) as TokenCredential
      let asked: string | undefined
      return async () => {
        asked ??= (await askForCertificate(pairing, token, 'worker-1')).csr
        await pairing.reconcile()
        return (await pairing.cluster.csr(asked))?.approved === true
      }
    }
  ],
  [
    'joinery-nodes',
    /the mark of joining on a Node is not refused, and so no Node gets its labels/,
    async (pairing) => {
      const machine = await approved(pairing)
      const { csr, key } = await withApprovedCsr(pairing, machine, 'worker-1')
      return async () => {
        await register(pairing, machine, 'worker-1', csr, key)
        await pairing.reconcile()
        return !(joiningLabel in ((await pairing.cluster.labelsAndTaints('worker-1'))?.labels ?? {}))
      }
    }
  ],
  [
    'joinery-node-deletions',
    /the binding of joinery-node-deletions is missing, and so no Node is deleted/,
    async (pairing) => {
      const machine = await approved(pairing)
      const { csr, key } = await withApprovedCsr(pairing, machine, 'worker-1')
      const stranger = { ...machine, facts: { ...machine.facts, machineId: 'e'.repeat(32) } }
      return async () => {
        await register(pairing, stranger, 'worker-1', csr, key).catch(() => undefined)
        await pairing.reconcile()
        return (await pairing.cluster.nodes()).length === 0
      }
    }
  ],
  [
    'joinery-ban-list',
    /a ban list that cannot be changed is not refused, .*and so no ban is lifted/,
    async (pairing) => {
      const machine = await approved(pairing)
      return async () => (await refusedWith(machine.server.claim())) === undefined
    }
  ]
]

for (const [policy, sentence, prepare] of rests) {
  t.test(`without ${policy} only its own part waits, status says so, and it goes on after the repair`, async (t) => {
    const pairing = await openPairing(t)
    const undo = await pairing.cluster.unbindPolicy(policy)
    const isDone = await unaware(pairing, policy, prepare)
    await pairing.reconcile()
    t.notOk(await isDone())
    t.match((await pairing.operator.status()).remedies.join('\n'), sentence)
    await undo()
    t.ok(await isDone(), 'nobody has to restart the server')
    t.notMatch((await pairing.operator.status()).remedies.join('\n'), sentence)
  })
}

/** What comes before the thing that waits is done while the policy still seems to be there. */
const unaware = async (pairing: Pairing, policy: Policy, prepare: (typeof rests)[number][2]) => {
  const { policyGaps } = pairing.cluster
  pairing.cluster.policyGaps = async (asked, ...more) => (asked === policy ? [] : policyGaps(asked, ...more))
  const isDone = await prepare(pairing)
  pairing.cluster.policyGaps = policyGaps
  return isDone
}

t.test('without policies that nothing waits for, status says what is open, and everything goes on', async (t) => {
  const pairing = await openPairing(t)
  for (const policy of ['joinery-leases', 'joinery-ban', 'joinery-ban-leases', 'joinery-token-renewal'] as const)
    await pairing.cluster.unbindPolicy(policy)
  const machine = await approved(pairing)
  await pairing.reconcile()
  t.match(await machine.server.claim(), { attempt: 1 })
  t.match((await pairing.operator.status()).remedies, [
    /within its bounds: the binding of joinery-leases is missing; joinery-server setup/,
    /within its bounds: a token of the own account for longer than a week is not refused, .* for another audience is not refused; joinery-server setup/,
    /removed can come back with the certificate that it still has: the binding of joinery-ban is missing; joinery/,
    /keeps its heartbeat: the binding of joinery-ban-leases is missing; joinery-server setup/
  ])
})

t.test('a policy that cannot be asked for hides no gap of another one', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  await pairing.cluster.unbindPolicy('joinery-ban-leases')
  const { policyGaps } = pairing.cluster
  pairing.cluster.policyGaps = async (asked, ...more) => {
    if (asked === 'joinery-nodes') throw new ProblemError('cluster-unavailable', { detail: 'the webhook is away' })
    return policyGaps(asked, ...more)
  }
  await pairing.reconcile()
  t.match(pairing.log, 'keeps its heartbeat')
  t.match(await machine.server.claim(), { attempt: 1 })
})
