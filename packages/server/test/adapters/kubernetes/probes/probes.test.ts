import t from 'tap'
import { csrProbes } from '../../../../src/adapters/kubernetes/probes/csr-probes.ts'
import { judgeAnswer } from '../../../../src/adapters/kubernetes/probes/probe.ts'
import { noSecretProbes, tokenProbes } from '../../../../src/adapters/kubernetes/probes/token-probes.ts'

const now = new Date('2026-01-01T00:00:00Z')

t.test('a probe passes if the right policy refuses, or if it is allowed as it must be', async (t) => {
  const refused = { what: 'x', refusedBy: 'joinery-csrs' }
  t.same(judgeAnswer(refused, "ValidatingAdmissionPolicy 'joinery-csrs' denied request"), [])
  t.same(judgeAnswer(refused, undefined), ['x is not refused'])
  t.same(judgeAnswer(refused, 'no right'), ['x is refused by something else: no right'])
  t.same(judgeAnswer({ what: 'x' }, undefined), [])
  t.same(judgeAnswer({ what: 'x' }, 'no right'), ['x is refused: no right'])
})

t.test('a server that makes no tokens must be refused every Secret by RBAC', async (t) => {
  const forbidden =
    'secrets is forbidden: User "system:serviceaccount:joinery-system:joinery-server" cannot create resource "secrets" in API group "" in the namespace "kube-system"'
  const policy = `secrets "bootstrap-token-aaaaaa" is forbidden: ValidatingAdmissionPolicy 'joinery-bootstrap-tokens' with binding 'joinery-bootstrap-tokens' denied request`
  for (const probe of noSecretProbes(now)) {
    t.same(judgeAnswer(probe, forbidden), [])
    t.not(judgeAnswer(probe, policy).length, 0, 'a policy is not enough')
    t.not(judgeAnswer(probe, undefined).length, 0)
  }
})

t.test('the probes of each credential have one right request beside the wrong ones', async (t) => {
  for (const probes of [tokenProbes(now), await csrProbes()]) {
    t.equal(probes.filter(({ refusedBy }) => refusedBy === undefined).length, 1)
    t.ok(probes.length > 2)
  }
})
