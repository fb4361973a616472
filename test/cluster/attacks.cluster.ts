import { X509Certificate } from 'node:crypto'
import { clusterInfoBinding } from '@joinery/kube/doctor'
import { manifests } from '@joinery/kube/manifests'
import { certificateFault, parseCsrRequest, readCertificate } from '@joinery/server/testing/enrolment'
import { refusal } from '@joinery/testing/cluster/cluster-fixture'
import { type NodeRegistration, nodeclientBinding } from '@joinery/testing/cluster/world/cluster-world'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { bentRequests } from '@joinery/testing/requests/bent-requests'
import { isGranted } from '@joinery/testing/requests/judged'
import t, { type Test } from 'tap'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { issueByHand } from './issue-by-hand.ts'
import { paperMachine, paperMachineId, tokenParts } from './paper-machine.ts'
import { installProduct, minutes } from './product.ts'
import { type RemoteWorld, remoteWorld } from './remote-world.ts'
import { watchTokens } from './token-watch.ts'

t.setTimeout(0)

/**
 * Who stole a token, a code or a certificate, against a real API server. Machines and thieves are their calls alone: real
 * keys, real credentials. The cluster is at its strictest: it answers nobody without a credential.
 */
const bed = await openBed({ apiServer: { 'anonymous-auth': 'false' } })
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs: ${bed.logs}`)
await bed.kubectl('--namespace', 'kube-public', 'delete', 'role,rolebinding', clusterInfoBinding)
const product = await installProduct(bed)
const tokens = await watchTokens(bed)
const { joinery, show, reaches } = product

const thievesAddress = '172.30.0.66'
const placed = await bed.exec(['ip', 'address', 'add', `${thievesAddress}/32`, 'dev', 'br0'])
if (placed.code !== 0) throw new Error(placed.stderr)
const [here, elsewhere] = [remoteWorld(bed), remoteWorld(bed, thievesAddress)]

/** A machine whose enrolment of this name an operator has approved. */
const approvedMachine = async (name: string) => {
  const machine = paperMachine(product, name)
  await machine.enrol((await product.code(name)).code)
  await joinery('approve', name, '--yes')
  return machine
}
/** And which has claimed its token. */
const joiningMachine = async (name: string) => {
  const machine = await approvedMachine(name)
  return { machine, token: await machine.claimToken() }
}
/** Asks for the certificate of a kubelet of that name. */
const ask = async (world: RemoteWorld, token: string, name: string): Promise<{ csr: string; key: string }> => {
  const { request, key } = await kubeletRequest(name)
  return { csr: await world.submitCsr({ token: tokenParts(token), request }), key }
}
/** The certificate, once the CSR is approved. */
const issued = async (csr: string): Promise<string> => {
  const certificate = async () => (await here.csr(csr))?.certificate ?? ''
  return waitFor(`the certificate of ${csr}`, certificate, Boolean, minutes)
}
const isApproved = async (csr: string): Promise<boolean> => (await here.csr(csr))?.approved === true
/** Waits until the timeline of the enrolment tells of it; `alert`: as something that must not happen. */
const told = (name: string, what: string, { alert = false } = {}) =>
  waitFor(
    `${name} to tell of ${what}`,
    () => show(name),
    ({ timeline }) => timeline.some((entry) => entry.detail.includes(what) && (entry.alert ?? false) === alert),
    minutes
  )
const noTokenLeft = () => waitFor('the token to go', tokens.left, ({ length }) => length === 0, minutes)
const give = async (manifest: object): Promise<void> => {
  const made = await bed.exec(['kubectl', 'create', '-f', '-'], { input: JSON.stringify(manifest) })
  if (made.code !== 0) throw new Error(made.stderr)
}

t.test('a join command brings what a cluster does not tell without a credential', async (t) => {
  t.equal((await refusal(here.clusterInfo))?.status, 401)
  t.match(await joinery('join-command', '--name', 'by-hand'), /kubeadm join --discovery-file/)
  await joinery('reject', 'by-hand', '--reason', 'it has shown what it had to', '--yes')
  await noTokenLeft()
})

t.test('if any token could become any node, no token is made, and the binding is named', async (t) => {
  const role = 'system:certificates.k8s.io:certificatesigningrequests:nodeclient'
  const bind = ['create', 'clusterrolebinding', nodeclientBinding, `--clusterrole=${role}`]
  await bed.kubectl(...bind, '--group=system:bootstrappers')
  const requester = ['--as=system:bootstrap:aaaaaa', '--as-group=system:bootstrappers']
  const may = ['create', 'certificatesigningrequests.certificates.k8s.io', '--subresource=nodeclient', ...requester]
  const inForce = () => bed.exec(['kubectl', 'auth', 'can-i', ...may])
  await waitFor('the binding to be in force', inForce, ({ code }) => code === 0, minutes)

  const machine = await approvedMachine('early')
  t.match(await machine.claim(), { refused: 'cluster-unsafe', text: new RegExp(nodeclientBinding) })
  t.same(await tokens.left(), [])
  t.match(await show('early'), { state: 'approved', attempts: { length: 0 } })

  await bed.kubectl('delete', 'clusterrolebinding', nodeclientBinding)
  t.match(await waitFor('a token', machine.claimToken, Boolean, minutes), /^[a-z0-9]{6}\.[a-z0-9]{16}$/)
  await joinery('reject', 'early', '--reason', 'it has shown what it had to', '--yes')
  await noTokenLeft()
})

t.test('a token that is stolen after its use is worth nothing, and the machine becomes Ready', async (t) => {
  const { machine, token } = await joiningMachine('first')
  const own = await ask(here, token, 'first')
  const certificate = await issued(own.csr)
  const stolen = await ask(elsewhere, token, 'first')
  t.equal((await told('first', stolen.csr)).state, 'joining')

  const ids = { machineId: machine.machineId, systemUuid: machine.machineId }
  await here.registerNode({ name: 'first', certificate, key: own.key, ...ids })
  await here.setNodeReady('first', 'True', 'KubeletReady', 'played by a test')
  await machine.ready(certificate)
  const { serialNumber } = new X509Certificate(certificate)
  t.match(await reaches('first', 'ready', minutes), {
    confirmed: true,
    attempts: [{ csr: own.csr, certificateSerial: serialNumber }]
  })
  await noTokenLeft()
  t.notOk(await isApproved(stolen.csr), 'what the thief asked for stays pending')
})

t.test('of many requests at the same moment from two addresses only one is approved', async (t) => {
  const { token } = await joiningMachine('crowded')
  const requests = await Promise.all(Array.from({ length: 8 }, () => kubeletRequest('crowded')))
  const submissions = requests.map(({ request }) => ({ token: tokenParts(token), request }))
  const csrs = (
    await Promise.all([here.submitCsrs(submissions.slice(4)), elsewhere.submitCsrs(submissions.slice(0, 4))])
  ).flat()
  t.equal(csrs.length, 8)
  const { timeline } = await waitFor(
    'each to be judged',
    () => show('crowded'),
    ({ timeline }) => csrs.every((csr) => timeline.some(({ detail }) => detail.includes(csr))),
    minutes
  )
  const judged = timeline.filter(({ event }) => event === 'csr-approved' || event === 'csr-left')
  t.same(judged.map(({ event }) => event).sort(), ['csr-approved', ...Array.from({ length: 7 }, () => 'csr-left')])
  const chosen = (await show('crowded')).attempts[0]?.csr ?? ''
  await issued(chosen)
  for (const csr of csrs) t.equal(await isApproved(csr), csr === chosen, csr)
  await joinery('reject', 'crowded', '--reason', 'it has shown what it had to', '--yes')
})

/** The server takes it away. */
const nodeGoes = (name: string) => {
  const node = () => bed.kubectl('get', 'node', name, '--ignore-not-found', '-o', 'name')
  return waitFor(`the Node ${name} to go`, node, (found) => found === '', minutes)
}

/** That it is refused by the ban, whatever it tries with its certificate, also once its Node is gone. */
const staysOut = async (t: Test, registration: NodeRegistration): Promise<void> => {
  const { name } = registration
  const register = () => refusal(() => elsewhere.registerNode(registration))
  const refused = await waitFor(`${name} to be kept out`, register, (seen) => seen?.status === 422, minutes)
  t.match(refused?.message, /joinery-ban.*this node was removed by Joinery/)
  await nodeGoes(name)
  t.equal((await register())?.status, 422)
  t.equal(await bed.kubectl('get', 'node', name, '--ignore-not-found', '-o', 'name'), '')
  const { request } = await kubeletRequest(name)
  const renew = () => elsewhere.submitCsr({ holder: registration, request })
  t.match(await refusal(renew), { status: 422, message: /joinery-ban/ }, 'nor does it get another certificate')
}

t.test('a faster thief on another machine is frozen, banned and out', async (t) => {
  const { token } = await joiningMachine('robbed')
  const stolen = await ask(elsewhere, token, 'robbed')
  const certificate = await issued(stolen.csr)
  const own = await ask(here, token, 'robbed')
  await told('robbed', own.csr)
  const machineId = paperMachineId('thief')
  const registration = { name: 'robbed', certificate, key: stolen.key, machineId, systemUuid: machineId }
  await elsewhere.registerNode(registration)
  await reaches('robbed', 'frozen', minutes)
  await told('robbed', `machine id ${machineId}`, { alert: true })
  await noTokenLeft()
  t.notOk(await isApproved(own.csr))
  await staysOut(t, registration)
})

t.test('a faster thief that claims to be the machine never becomes ready', async (t) => {
  const { machine, token } = await joiningMachine('doubled')
  const stolen = await ask(elsewhere, token, 'doubled')
  const certificate = await issued(stolen.csr)
  const ids = { machineId: machine.machineId, systemUuid: machine.machineId }
  await elsewhere.registerNode({ name: 'doubled', certificate, key: stolen.key, ...ids })
  await elsewhere.setNodeReady('doubled', 'True', 'KubeletReady', 'played by a test')
  await reaches('doubled', 'joined', minutes)
  const own = await issued((await show('first')).attempts[0]?.csr ?? '')
  await machine.ready(own)
  const { serialNumber } = new X509Certificate(own)
  t.not((await told('doubled', `the agent holds certificate ${serialNumber}`, { alert: true })).state, 'ready')
  await nodeGoes('doubled')
  await noTokenLeft()
})

t.test('a faster thief that waits for the next attempt alerts, and the machine joins', async (t) => {
  const { machine, token } = await joiningMachine('patient')
  const stolen = await issued((await ask(elsewhere, token, 'patient')).csr)
  await machine.fail(1)
  const own = await ask(here, await machine.claimToken(), 'patient')
  const certificate = await issued(own.csr)
  const ids = { machineId: machine.machineId, systemUuid: machine.machineId }
  await here.registerNode({ name: 'patient', certificate, key: own.key, ...ids })
  await here.setNodeReady('patient', 'True', 'KubeletReady', 'played by a test')
  await machine.ready(certificate)
  await reaches('patient', 'ready', minutes)
  t.match(await told('patient', `serial ${new X509Certificate(stolen).serialNumber} of attempt 1`, { alert: true }), {
    state: 'ready'
  })
})

t.test('a stolen token for another name freezes the enrolment, and the token is deleted', async (t) => {
  const { token } = await joiningMachine('mine')
  const foreign = await ask(elsewhere, token, 'cp-1')
  await reaches('mine', 'frozen', minutes)
  await told('mine', foreign.csr, { alert: true })
  await noTokenLeft()
  t.notOk(await isApproved(foreign.csr))
})

t.test('a second key with a stolen code gets no reason, and nobody approves it by accident', async (t) => {
  const { code } = await product.code('invited')
  const { key } = await paperMachine(product, 'invited').enrol(code)
  const thief = paperMachine(product, 'thief')
  const used = await thief.enrol(code)
  t.equal(used.refused, 'code-not-accepted')
  t.same(used, await thief.enrol('jny_00000000000000000000000000AX'), 'answered like an unknown one')
  const made = (await tokens.made()).length
  t.match(await show('invited'), { state: 'frozen', key, conflicts: [{ key: used.key }] })
  t.match(await told('invited', used.key, { alert: true }), { state: 'frozen' })
  t.equal((await product.tryJoinery('approve', 'invited', '--yes')).code, 6)
  t.match(await thief.claim(), { refused: /./ })
  t.equal((await tokens.made()).length, made)
})

t.test('nobody takes the name of a Node that is down', async (t) => {
  await here.setNodeReady('first', 'Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.')
  await waitFor(
    'it to be seen',
    () => show('first'),
    ({ node }) => node?.condition === 'Unknown',
    minutes
  )
  const taker = await paperMachine(product, 'taker').enrol((await product.code('first')).code)
  const refused = await product.tryJoinery('approve', taker.id, '--yes')
  t.match(refused, { code: 6, stderr: /first is in use/ })
  await joinery('reject', taker.id, '--reason', 'the name is taken', '--yes')

  // of before there was Joinery
  await give({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'older' } })
  await paperMachine(product, 'older').enrol((await product.code('older')).code)
  t.match(await product.tryJoinery('approve', 'older', '--yes'), { code: 6, stderr: /older is in use: Node older/ })
})

t.test('a rebuilt machine has the name and labels of its Node if an operator says so', async (t) => {
  const uid = () => bed.kubectl('get', 'node', 'first', '-o', 'jsonpath={.metadata.uid}')
  const [former, before] = [await show('first'), await uid()]
  await bed.kubectl('label', 'node', 'first', 'example.org/rack=r7')
  const machine = paperMachine(product, 'rebuilt')
  const { id } = await machine.enrol((await product.code('first')).code)
  await joinery('approve', id, '--replace', '--yes')
  t.equal(await bed.kubectl('get', 'node', 'first', '--ignore-not-found', '-o', 'name'), '')
  t.equal((await show(former.id)).state, 'removed')

  const { csr, key } = await ask(here, await machine.claimToken(), 'first')
  const certificate = await issued(csr)
  const ids = { machineId: machine.machineId, systemUuid: machine.machineId }
  await here.registerNode({ name: 'first', certificate, key, ...ids })
  await here.setNodeReady('first', 'True', 'KubeletReady', 'played by a test')
  await machine.ready(certificate)
  await reaches(id, 'ready', minutes)
  t.not(await uid(), before)
  const rack = ['get', 'node', 'first', '-o', 'jsonpath={.metadata.labels.example\\.org/rack}']
  t.equal(await bed.kubectl(...rack), 'r7')
  await noTokenLeft()
})

t.test('a name that is taken between approval and claim gets no token', async (t) => {
  const machine = await approvedMachine('late')
  await give({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'late' } })
  t.match(await machine.claim(), { refused: 'name-in-use', text: /Node late/ })
  t.match(await show('late'), { state: 'approved', attempts: { length: 0 } })
})

t.test('a machine that was rejected while it joined stays out, although its certificate lasts a year', async (t) => {
  const { machine, token } = await joiningMachine('returns')
  const own = await ask(here, token, 'returns')
  const certificate = await issued(own.csr)
  t.ok(new X509Certificate(certificate).validToDate.getTime() > Date.now() + 300 * 24 * 3600_000)
  await joinery('reject', 'returns', '--reason', 'it is the wrong machine', '--yes')
  const ids = { machineId: machine.machineId, systemUuid: machine.machineId }
  await staysOut(t, { name: 'returns', certificate, key: own.key, ...ids })
})

t.test('of two hundred bent requests the cluster issues none that the guard did not grant', async (t) => {
  const [node, other] = ['bent-worker', 'bent-control-plane']
  const corpus = bentRequests(node, other)
  const outcomes = await issueByHand(bed, corpus)
  const issued = outcomes.flatMap(({ certificate }) => certificate ?? [])
  const refused = outcomes.filter((outcome) => outcome.refused !== undefined)
  const granted = corpus.filter((bent) => isGranted(bent, node))
  t.comment(
    `${corpus.length} requests: the API server refused ${refused.length} and took ${corpus.length - refused.length}; ` +
      `approved by hand, ${issued.length} were issued; the guard grants ${granted.length}`
  )
  t.ok(corpus.length >= 200)
  t.ok(corpus.length - refused.length >= 60, 'many of them Kubernetes can read')
  t.same(
    granted.filter((bent) => outcomes[corpus.indexOf(bent)]?.certificate === undefined),
    [],
    'what the guard grants the cluster issues'
  )
  for (const [index, bent] of corpus.entries()) {
    const { certificate } = outcomes[index] ?? {}
    const read = parseCsrRequest(bent.pem)
    if (certificate === undefined || read === undefined) continue
    const { alternativeNames = [] } = read
    const is = readCertificate(certificate)
    if (isGranted(bent, node)) t.equal(certificateFault(is, { name: node, alternativeNames }), undefined, bent.what)
    // what it reads and does not grant it reads as the cluster does: of names the last counts
    t.same(is.commonNames.at(-1) ?? '', read.commonNames.at(-1) ?? '', bent.what)
    t.same(is.organizations, read.organizations, bent.what)
  }
})

/** Bindings of the server, of machines that join, and of Nodes one by one. */
const joinerysBindings = async (): Promise<string[]> => {
  const text = await bed.kubectl('get', 'clusterrolebindings,rolebindings', '--all-namespaces', '-o', 'json')
  const { items } = JSON.parse(text) as { items: Binding[] }
  return items.filter(({ subjects = [] }) => subjects.some(({ name }) => isJoinerys(name))).map(nameOf)
}

interface Binding {
  kind: string
  metadata: { name: string; namespace?: string }
  subjects?: { name: string }[]
}

const nameOf = ({ kind, metadata: { name, namespace = '' } }: Binding): string => `${kind} ${namespace}/${name}`
const isJoinerys = (subject: string): boolean =>
  /^(joinery-server|system:node:.*|system:bootstrappers|system:bootstrappers:joinery:.*)$/.test(subject)

t.test('no token is left, and no binding but those of the manifests', async (t) => {
  await noTokenLeft()
  tokens.end()
  const made = (await tokens.made()).map(({ id }) => id)
  const given = (await product.list()).flatMap(({ attempts }) => attempts.map(({ tokenId }) => tokenId ?? 'none'))
  t.same(made.toSorted(), given.toSorted(), 'one for each attempt')
  const own = manifests({ credential: 'token', kubeProxy: false }).filter(({ kind }) => /Binding$/.test(kind ?? ''))
  const bindings = own.map((manifest) => manifest as Binding).filter(({ kind }) => !/Policy/.test(kind))
  t.same((await joinerysBindings()).toSorted(), bindings.map(nameOf).toSorted())
})
