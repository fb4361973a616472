import { connect } from '@joinery/kube'
import { manifests } from '@joinery/kube/manifests'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { policyGaps } from '../../../../src/adapters/kubernetes/probes/policy-gaps.ts'

const rights = { credential: 'token', serving: false } as const
const now = new Date('2026-01-01T00:00:00Z')
const group = '/apis/admissionregistration.k8s.io/v1'
const plural = { ValidatingAdmissionPolicy: 'validatingadmissionpolicies' }

/** Where this is what the API server has of policies and bindings, and each dry run is answered so. */
const server = async (t: Test, objects: readonly object[], dryRun: { status: number; message: string }) => {
  const asked: string[] = []
  const found = objects as { kind: string; metadata: { name: string } }[]
  const api = await apiServer(t, ({ method, url = '' }, response) => {
    asked.push(`${method} ${url}`)
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (url === group) {
      const resources = [
        {
          name: plural.ValidatingAdmissionPolicy,
          kind: 'ValidatingAdmissionPolicy',
          namespaced: false,
          verbs: ['get']
        },
        {
          name: 'validatingadmissionpolicybindings',
          kind: 'ValidatingAdmissionPolicyBinding',
          namespaced: false,
          verbs: ['get']
        }
      ]
      return answer(200, { kind: 'APIResourceList', groupVersion: 'admissionregistration.k8s.io/v1', resources })
    }
    if (url.startsWith(group)) {
      const [kind, name] = url.slice(group.length + 1).split('/')
      const of =
        kind === plural.ValidatingAdmissionPolicy ? 'ValidatingAdmissionPolicy' : 'ValidatingAdmissionPolicyBinding'
      const object = found.find((one) => one.kind === of && one.metadata.name === name)
      return object === undefined ? answer(404, { message: 'not found' }) : answer(200, object)
    }
    if (method === 'GET') return answer(200, { items: [{ metadata: { name: 'cp-1' } }] })
    return answer(dryRun.status, { message: dryRun.message })
  })
  return { asked, api: connect(api.kubeconfig('secret')) }
}

const all = manifests({ credential: 'token', kubeProxy: false })
const bare = { status: 400, message: 'admission webhook "x" does not support dry run' }

t.test('a policy that holds others is read, and compared with the one of this version', async (t) => {
  const { api } = await server(t, all, bare)
  t.same(await policyGaps(api, 'joinery-ban', rights, now), [])
  const without = await server(t, [], bare)
  t.same(await policyGaps(without.api, 'joinery-ban', rights, now), [
    'the policy joinery-ban is missing',
    'the binding of joinery-ban is missing'
  ])
  const changed = structuredClone(all) as { kind?: string; metadata: { name: string }; spec?: object }[]
  for (const object of changed) {
    const { kind = '', metadata } = object
    if (kind.endsWith('Binding') && metadata.name === 'joinery-ban')
      object.spec = { ...object.spec, validationActions: ['Warn'] }
  }
  const weak = await server(t, changed, bare)
  t.same(await policyGaps(weak.api, 'joinery-ban', rights, now), [
    'the binding of joinery-ban was changed: spec.validationActions'
  ])
})

t.test('in a cluster of an earlier version the policies of heartbeats are missing', async (t) => {
  for (const policy of ['joinery-leases', 'joinery-ban-leases'] as const) {
    t.same(await policyGaps((await server(t, all, bare)).api, policy, rights, now), [], policy)
    const older = all.filter(({ metadata }) => metadata.name !== policy)
    t.same(
      await policyGaps((await server(t, older, bare)).api, policy, rights, now),
      [`the policy ${policy} is missing`, `the binding of ${policy} is missing`],
      policy
    )
  }
})

t.test('a policy holds a server whose settings changed after its set-up', async (t) => {
  const serving = await server(t, manifests({ credential: 'token', kubeProxy: false, serving: true }), bare)
  t.same(await policyGaps(serving.api, 'joinery-csr-approvals', rights, now), [])
})

t.test('if a webhook cannot take a dry run, the policy is read', async (t) => {
  const { api } = await server(t, all, bare)
  t.same(await policyGaps(api, 'joinery-nodes', rights, now), [])
  const without = await server(t, [], bare)
  t.match(await policyGaps(without.api, 'joinery-nodes', rights, now), [/missing/, /missing/])
})

t.test('each probe is a dry run, which makes, changes and deletes nothing', async (t) => {
  const refused = { status: 422, message: "ValidatingAdmissionPolicy 'joinery-node-deletions' denied request" }
  const { api, asked } = await server(t, all, refused)
  t.same(await policyGaps(api, 'joinery-node-deletions', rights, now), [])
  for (const policy of ['joinery-nodes', 'joinery-ban-list', 'joinery-token-renewal', 'joinery-csrs'] as const)
    await policyGaps(api, policy, rights, now)
  for (const request of asked.filter((one) => !one.startsWith('GET'))) t.match(request, /[?&]dryRun=All/, request)
})
