import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { kubeletSigner, nodesGroup, nodeUsername, servingSigner } from '@joinery/kube/names'
import { keyAlgorithms, longestRequest } from '@joinery/protocol'
import { aCsr } from '@joinery/testing/documents/csr'
import { anAttempt, anEnrolment } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import t from 'tap'
import { isKubeletCsr, judgeCsr } from '../../../../src/core/enrolment/csr/csr-guard.ts'
import { judgeServingCsr } from '../../../../src/core/enrolment/serving/serving-csr-guard.ts'

/** A request as the kubelet of one minor makes it: the kind of its key, its usages and its text. */
interface KubeletRequest {
  key: (typeof keyAlgorithms)[number]
  for: 'client' | 'serving'
  usages: string[]
  pem: string
}

// made by test/versions/requests/go with each minor's own client-go
const folder = join(import.meta.dirname, 'requests')
const corpus = readdirSync(folder).map((file): [minor: string, requests: KubeletRequest[]] => [
  file.replace('.json', ''),
  JSON.parse(readFileSync(join(folder, file), 'utf8'))
])

const now = new Date('2026-01-01T00:05:00Z')
const attempt = anAttempt('abc123')
const joining = anEnrolment('e1', { state: 'joining', name: 'worker-1', join: { attempts: [attempt] } })
const ready = anEnrolment('e1', {
  ...{ state: 'ready', name: 'worker-1', address: '10.0.0.7', approval: { addresses: ['2001:db8::7'] } },
  ...{ facts: { machineId: 'm1', productUuid: 'U1' }, node: { uid: 'n1' } }
})
const node = aNode('worker-1', { uid: 'n1', created: now })

const clientOf = ({ usages, pem }: KubeletRequest) =>
  aCsr('csr-1', { created: now, request: pem, usages, signer: kubeletSigner })
const servingOf = ({ usages, pem }: KubeletRequest) =>
  aCsr('csr-1', {
    ...{ created: now, request: pem, usages, signer: servingSigner },
    ...{ username: nodeUsername('worker-1'), groups: [nodesGroup, 'system:authenticated'] }
  })

t.test('the corpus has the kubelets of five minors, and each kind of key that one of them makes', async (t) => {
  t.same(corpus.map(([minor]) => minor).sort(), ['1.34', '1.35', '1.36', '1.37', '1.38'])
  for (const [minor, requests] of corpus) {
    const kinds = minor === '1.38' ? keyAlgorithms : keyAlgorithms.slice(0, 1)
    for (const purpose of ['client', 'serving'] as const) {
      t.same(new Set(requests.filter((one) => one.for === purpose).map(({ key }) => key)), new Set(kinds), minor)
    }
  }
})

for (const [minor, requests] of corpus) {
  t.test(
    `the requests of a kubelet of ${minor} are granted if kubelet-config asks for their kind of key`,
    async (t) => {
      for (const request of requests) {
        t.ok(request.pem.length < longestRequest)
        const what = `${request.for} ${request.key}`
        if (request.for === 'client') {
          const csr = clientOf(request)
          t.equal(judgeCsr(csr, joining, attempt, request.key, now), 'approve', what)
          t.ok(
            isKubeletCsr({ ...csr, groups: [nodesGroup] }, 'worker-1', nodesGroup),
            `${what}, by a certificate of ours`
          )
        } else {
          const around = { holders: new Map(), apiHosts: [], clusterNetworks: [], algorithm: request.key }
          t.equal(judgeServingCsr(servingOf(request), ready, node, around), 'approve', what)
        }
      }
    }
  )
}

t.test('one of another kind is refused with its cause, and accuses nobody', async (t) => {
  const others = corpus.flatMap(([, requests]) => requests.filter(({ key }) => key !== 'ECDSA-P256'))
  t.ok(others.length > 0)
  for (const request of others) {
    if (request.for === 'client') {
      t.equal(judgeCsr(clientOf(request), joining, attempt, 'ECDSA-P256', now), 'other-key', request.key)
    } else {
      const around = { holders: new Map(), apiHosts: [], clusterNetworks: [], algorithm: 'ECDSA-P256' as const }
      const left = `its key is ${request.key}, and kubelets of this cluster make ECDSA-P256 (serverCertificateKeyAlgorithm in ConfigMap kube-system/kubelet-config)`
      t.same(judgeServingCsr(servingOf(request), ready, node, around), { left }, request.key)
    }
  }
})
