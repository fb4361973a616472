import { createPublicKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { policies, serverUsername } from '@joinery/kube/names'
import { type ClusterReport, type EnrolmentDetail, fingerprint } from '@joinery/protocol'
import t from 'tap'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { joinKeyFile, joinKeyOf } from './join-key.ts'
import { addToKubeadmConfig } from './kubeadm-config.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { agentPackage, installProduct, minutes, reconfigure } from './product.ts'
import { search } from './search.ts'
import { watchTokens } from './token-watch.ts'
import { testComesBack } from './way-back/journeys.ts'
import { nodeOf } from './way-back/node.ts'
import { earlyRuntimeStopped, noPlugin } from './why/early-faults.ts'
import { testFault } from './why/fault.ts'
import { watchReady } from './why/ready-watch.ts'
import { workerOf } from './why/worker.ts'

t.setTimeout(0)

/** One worker joins by a client certificate, with a server that has no right to Secrets. */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
// first as for tokens: what that set-up made has to go
const product = await installProduct(bed)
const tokens = await watchTokens(bed)
const printed = await reconfigure(product, 'credential: certificate\ndiagnosis: on')
// the field came with 1.38: an earlier kubelet does not heed it, and an earlier API server takes such a join key
await addToKubeadmConfig(bed, ['kubelet-config', 'kubelet'], { clientCertificateKeyAlgorithm: 'ECDSA-P384' })

const { joinery, show, reaches, surveyed } = product
// how the package is installed is the part of other suites
const worker = bed.machine('worker-1', 1, { template: await bed.templateWith(agentPackage) })
const given = ['--label', 'example.org/rack=r7', '--taint', 'dedicated=edge:NoSchedule', '--node-role', 'edge']
const gate = ['--ready-when', 'condition:example.org/Storage']
await worker.boot(await joinery('code', 'create', '--name', 'worker-1', ...given, ...gate, '--cloud-init'))
const csrField = (name: string, field: string) => bed.kubectl('get', 'csr', name, '-o', `jsonpath={${field}}`)
const ownCsrs = async () =>
  (await bed.kubectl('get', 'csr', '-o', 'jsonpath={range .items[*]}{.spec.username} {.metadata.name}{"\\n"}{end}'))
    .split('\n')
    .filter((line) => line.startsWith(serverUsername))
let secrets: string[] = []

t.test('setup removes the objects for tokens, and proves it', async (t) => {
  for (const gone of [
    'role.rbac.authorization.k8s.io/joinery-bootstrap-tokens',
    'rolebinding.rbac.authorization.k8s.io/joinery-bootstrap-tokens',
    'validatingadmissionpolicy.admissionregistration.k8s.io/joinery-bootstrap-tokens'
  ]) {
    t.match(printed, `${gone} deleted\n`, JSON.stringify(gone))
  }
  const proofs = policies.map((policy) =>
    policy === 'joinery-bootstrap-tokens' ? 'no right to make tokens' : `${policy} holds`
  )
  for (const proof of proofs) t.match(printed, `${proof}\n`, proof)
  t.notMatch(await product.setup(), /deleted$/m, 'once')
})

t.test('the doctor sees the credential that the cluster is set up for', async (t) => {
  const words = ['cluster', 'doctor', '--kubeconfig', '/etc/kubernetes/admin.conf', '-o', 'json']
  const { checks } = JSON.parse((await product.tryJoinery(...words)).stdout) as ClusterReport
  const named = (name: string) => checks.find((check) => check.name === name)
  t.match(named('joinery-objects'), { verdict: 'pass', finding: /for credential: certificate, diagnosis: on$/ })
  t.match(named('joinery-rights'), { verdict: 'pass' })
})

t.test('the server has no right to any Secret', async (t) => {
  for (const verb of ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']) {
    for (const namespace of ['kube-system', 'joinery-system', 'default']) {
      const asked = ['auth', 'can-i', verb, 'secrets', '--namespace', namespace, '--as', serverUsername]
      t.equal((await bed.exec(['kubectl', ...asked])).stdout.trim(), 'no', `${verb} in ${namespace}`)
    }
  }
})

t.test('a code for a token is refused, with a remedy', async (t) => {
  const { code, stderr } = await product.tryJoinery('code', 'create', '--credential', 'token')
  t.not(code, 0)
  t.match(stderr, /\(credential-unavailable\)\nremedy: joinery code create --credential certificate\n/)
})

t.test('the machine waits with a join key that only root reads, and its fingerprint is evidence', async (t) => {
  t.equal((await reaches('worker-1', 'pending', 20 * minutes)).credential, 'certificate')
  const ofAskedKind = async () => {
    const { key } = await joinKeyOf(worker)
    return createPublicKey(key).asymmetricKeyDetails?.namedCurve === 'secp384r1' && fingerprint(createPublicKey(key))
  }
  const wanted = await waitFor('a join key of the kind that kubelet-config asks for', ofAskedKind, Boolean, 3 * minutes)
  const { joinKey } = await waitFor(
    'the server to know it',
    () => show('worker-1'),
    (seen) => seen.joinKey === wanted,
    minutes
  )
  t.equal((await worker.ssh(`stat -c '%U %a' ${joinKeyFile}`)).stdout, 'root 600\n')
  const own = await joinKeyOf(worker)
  t.equal(fingerprint(createPublicKey(own.key)), joinKey)
  secrets = own.secrets
  t.same(await ownCsrs(), [], 'nothing is asked for before the approval')
})

t.test('the approved machine joins, and the cluster itself approves its kubelet', async (t) => {
  await surveyed('worker-1')
  await joinery('approve', 'worker-1', '--yes')
  const joined = await reaches('worker-1', 'joined', 10 * minutes)
  t.match(joined, { message: 'joined, waiting for the network plugin', node: { condition: 'NotReady' } })
  t.equal(joined.attempts.length, 1)
  const { csr = '', credentialCsr, credentialSerial, tokenId } = joined.attempts[0] ?? {}
  t.match({ credentialCsr, credentialSerial, tokenId }, { credentialCsr: /^joinery-/, credentialSerial: /^[0-9A-F]+$/ })
  t.equal(tokenId, undefined)
  t.equal(await csrField(csr, '.spec.username'), 'system:node:worker-1')
  t.equal(await csrField(csr, '.status.conditions[*].reason'), 'AutoApproved')
  await waitFor("the server's own CSR to go", ownCsrs, ({ length }) => length === 0, minutes)
})

t.test('before the network plugin is there, both programs that say why say the true cause', async (t) => {
  const asked = workerOf(product, worker, await watchReady(bed))
  await testFault(t, asked, noPlugin)
  t.match(await show('worker-1'), { message: 'joined, waiting for the network plugin' }, 'as before the server looked')
  await testFault(t, asked, earlyRuntimeStopped)
})

t.test('with the network plugin the machine is Ready, by the certificate of its kubelet', async (t) => {
  await placeNetworkPlugin(worker, 1)
  const ready = await reaches('worker-1', 'ready', 15 * minutes)
  t.match(ready, { confirmed: true, agentReady: /^2/, ready: /^2/, node: { condition: 'Ready' } })
  const pem = (await worker.ssh('cat /var/lib/kubelet/pki/kubelet-client-current.pem')).stdout
  t.equal(ready.attempts[0]?.certificateSerial, new X509Certificate(pem).serialNumber)
  t.notOk(ready.timeline.some(({ alert }) => alert))
  const { metadata, spec } = JSON.parse(await bed.kubectl('get', 'node', 'worker-1', '-o', 'json'))
  t.match(metadata.labels, { 'example.org/rack': 'r7', 'node-role.kubernetes.io/edge': '' })
  t.notOk('joinery.dev/joining' in metadata.labels, 'which its kubelet registered it with')
  t.ok(spec.taints.some(({ key, value }: { key: string; value?: string }) => key === 'dedicated' && value === 'edge'))
})

/** Taints of its Node but for those that the control plane puts there by its conditions. */
const ownTaints = async (): Promise<string[]> => {
  const columns = '{range .spec.taints[*]}{.key}:{.effect}{"\\n"}{end}'
  const lines = (await bed.kubectl('get', 'node', 'worker-1', '-o', `jsonpath=${columns}`)).split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('node.kubernetes.io/')).toSorted()
}
const startup = 'joinery.dev/not-in-service:NoSchedule'

t.test('a machine whose code has a gate is ready, and in service only when the gate holds', async (t) => {
  const flags = (await worker.ssh('cat /var/lib/kubelet/kubeadm-flags.env')).stdout
  t.match(flags, startup, 'the kubelet registered its Node with the taint')
  const sentence = 'condition example.org/Storage of the Node is not True'
  const waiting = ({ notYet }: EnrolmentDetail) => notYet?.includes(sentence) === true
  const waits = await waitFor('it to wait for its gate', () => show('worker-1'), waiting, minutes)
  t.match(waits, { state: 'ready', message: `ready; not yet in service: ${sentence}` })
  t.same(await ownTaints(), ['dedicated:NoSchedule', startup])
  // what an agent of the storage does on the node
  const status = JSON.stringify({ status: { conditions: [{ type: 'example.org/Storage', status: 'True' }] } })
  await bed.kubectl('patch', 'node', 'worker-1', '--subresource=status', '-p', status)
  const inService = ({ inService }: EnrolmentDetail) => inService !== undefined
  const open = await waitFor('it to come into service', () => show('worker-1'), inService, 2 * minutes)
  t.match(open, { state: 'ready', message: 'ready; in service' })
  t.same(await ownTaints(), ['dedicated:NoSchedule'], 'a real admission policy lets this one taint go')
})

t.test('the Node has an Event of it, and the audit log the way from the approval to this certificate', async (t) => {
  const about = 'involvedObject.kind=Node,involvedObject.name=worker-1,reason=JoineryReady'
  const events = () => bed.kubectl('get', 'events', '--namespace', 'default', '--field-selector', about, '-o', 'name')
  await waitFor('the Event JoineryReady', events, Boolean, minutes)
  const { attempts, node } = await product.show('worker-1')
  const proven = () => joinery('audit', 'prove', '--node', 'worker-1', '-o', 'json')
  const proof = await waitFor('the proof', proven, (text) => text.includes('become-ready'), minutes)
  for (const one of ['"approve"', attempts[0]?.certificateSerial ?? 'none', node?.uid ?? 'none'])
    t.ok(proof.includes(one), one)
  t.match(await joinery('audit', 'verify'), /all as they were signed/)
})

t.test('the agent is gone, and leaves neither its join key nor a bootstrap-kubelet.conf', async (t) => {
  await worker.waitFor('the agent to end', '! systemctl is-active --quiet joinery-agent', 5 * minutes)
  const files = `${joinKeyFile} /etc/kubernetes/bootstrap-kubelet.conf /run/joinery-agent/discovery.conf /etc/joinery/code`
  t.equal((await worker.ssh(`ls ${files} 2>/dev/null`)).stdout, '')
  t.equal(secrets.length, 2)
  t.equal((await worker.ssh(search(secrets))).stdout, '', 'nor the key anywhere')
  const database = await readFile(bed.hostPath('/var/lib/joinery-server/joinery.db'), 'latin1')
  const log = await readFile(join(bed.logs, 'joinery-server.log'), 'latin1')
  const shown = JSON.stringify(await show('worker-1'))
  for (const text of [database, log, shown]) for (const secret of secrets) t.notOk(text.includes(secret))
})

t.test('the kubelet that lost its certificate comes back, and so does its Pod', (t) =>
  testComesBack(t, product, nodeOf(product, worker))
)

t.test('no token was ever made', async (t) => {
  tokens.end()
  t.same(await tokens.made(), [])
  t.same(await tokens.left(), [])
})
