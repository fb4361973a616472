import { X509Certificate } from 'node:crypto'
import { manifests } from '@joinery/kube/manifests'
import { certificateFault, parseCsrRequest, readCertificate } from '@joinery/server/testing/enrolment'
import { refusal } from '@joinery/testing/cluster/cluster-fixture'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { bentRequests } from '@joinery/testing/requests/bent-requests'
import { isGranted } from '@joinery/testing/requests/judged'
import type { Test } from 'tap'
import { waitFor } from '../bed/wait-for.ts'
import { issueByHand } from '../issue-by-hand.ts'
import { paperMachineId, tokenParts } from '../paper-machine.ts'
import { minutes } from '../product.ts'
import { openThieves } from '../thieves.ts'
import type { ContractSite } from './site.ts'

/** Who stole a token, against the guard of the server that runs and the policies of a real API server. */
export const attackContracts = async (t: Test, { bed, product }: ContractSite): Promise<void> => {
  const thieves = await openThieves(product)
  const {
    here,
    elsewhere,
    tokens,
    joiningMachine,
    ask,
    issued,
    isApproved,
    told,
    noTokenLeft,
    nodeGoes,
    becomesReady
  } = thieves
  const { joinery, show, reaches } = product

  await t.test('a token that is stolen after its use is worth nothing, and the machine becomes Ready', async (t) => {
    const { machine, token } = await joiningMachine('first')
    const own = await ask(here, token, 'first')
    const certificate = await issued(own.csr)
    const stolen = await ask(elsewhere, token, 'first')
    t.equal((await told('first', stolen.csr)).state, 'joining')
    await becomesReady('first', machine, { certificate, key: own.key })
    const { serialNumber } = new X509Certificate(certificate)
    t.match(await reaches('first', 'ready', minutes), {
      confirmed: true,
      attempts: [{ csr: own.csr, certificateSerial: serialNumber }]
    })
    await noTokenLeft()
    t.notOk(await isApproved(stolen.csr), 'what the thief asked for stays pending')
  })

  await t.test('of many requests at the same moment from two addresses only one is approved', async (t) => {
    const { token } = await joiningMachine('crowded')
    const requests = await Promise.all(Array.from({ length: 8 }, () => kubeletRequest('crowded')))
    const csrs = await Promise.all(
      requests.map(({ request }, index) =>
        (index < 4 ? here : elsewhere).submitCsr({ token: tokenParts(token), request })
      )
    )
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

  await t.test('a faster thief on another machine is frozen, banned and out, whatever it tries', async (t) => {
    const { token } = await joiningMachine('robbed')
    const stolen = await ask(elsewhere, token, 'robbed')
    const certificate = await issued(stolen.csr)
    t.ok(new X509Certificate(certificate).validToDate.getTime() > Date.now() + 300 * 24 * 3600_000, 'for a year')
    const own = await ask(here, token, 'robbed')
    await told('robbed', own.csr)
    const machineId = paperMachineId('thief')
    const registration = { name: 'robbed', certificate, key: stolen.key, machineId, systemUuid: machineId }
    await elsewhere.registerNode(registration)
    await reaches('robbed', 'frozen', minutes)
    await told('robbed', `machine id ${machineId}`, { alert: true })
    await noTokenLeft()
    t.notOk(await isApproved(own.csr))

    const register = () => refusal(() => elsewhere.registerNode(registration))
    const refused = await waitFor('it to be kept out', register, (seen) => seen?.status === 422, minutes)
    t.match(refused?.message, /joinery-ban.*this node was removed by Joinery/)
    await nodeGoes('robbed')
    t.equal((await register())?.status, 422, 'also once its Node is gone')
    const { request } = await kubeletRequest('robbed')
    const renew = () => elsewhere.submitCsr({ holder: registration, request })
    t.match(await refusal(renew), { status: 422, message: /joinery-ban/ }, 'nor does it get another certificate')
  })

  await t.test('a stolen token for another name freezes the enrolment, and the token is deleted', async (t) => {
    const { token } = await joiningMachine('mine')
    const foreign = await ask(elsewhere, token, 'cp-1')
    await reaches('mine', 'frozen', minutes)
    await told('mine', foreign.csr, { alert: true })
    await noTokenLeft()
    t.notOk(await isApproved(foreign.csr))
  })

  await t.test('no token is left, and no binding but those of the manifests', async (t) => {
    tokens.end()
    const made = (await tokens.made()).map(({ id }) => id)
    const given = (await product.list()).flatMap(({ attempts }) => attempts.map(({ tokenId }) => tokenId ?? 'none'))
    t.same(made.toSorted(), given.toSorted(), 'one for each attempt')
    const own = manifests({ credential: 'token', kubeProxy: false }).filter(({ kind }) => /Binding$/.test(kind ?? ''))
    const bindings = own.map((manifest) => manifest as Binding).filter(({ kind }) => !/Policy/.test(kind))
    const text = await bed.kubectl('get', 'clusterrolebindings,rolebindings', '--all-namespaces', '-o', 'json')
    const { items } = JSON.parse(text) as { items: Binding[] }
    const found = items.filter(({ subjects = [] }) => subjects.some(({ name }) => isJoinerys(name)))
    t.same(found.map(nameOf).toSorted(), bindings.map(nameOf).toSorted())
  })

  await t.test('of two hundred bent requests the cluster issues none that the guard did not grant', async (t) => {
    // what is approved here is approved by hand
    const [node, other] = ['bent-worker', 'bent-control-plane']
    const corpus = bentRequests(node, other)
    const outcomes = await issueByHand(bed, corpus)
    const refused = outcomes.filter((outcome) => outcome.refused !== undefined)
    const granted = corpus.filter((bent) => isGranted(bent, node))
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
}

/** A binding of the server, of machines that join, or of Nodes one by one. */
interface Binding {
  kind: string
  metadata: { name: string; namespace?: string }
  subjects?: { name: string }[]
}

const nameOf = ({ kind, metadata: { name, namespace = '' } }: Binding): string => `${kind} ${namespace}/${name}`
const isJoinerys = (subject: string): boolean =>
  /^(joinery-server|system:node:.*|system:bootstrappers|system:bootstrappers:joinery:.*)$/.test(subject)
