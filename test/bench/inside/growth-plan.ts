import { hash } from 'node:crypto'
import type { Check, Facts } from '@joinery/protocol'
import { type AttemptDocument, type EnrolmentDocument, emptyParts } from '@joinery/server/testing/store'

/** What has grown: a cluster of the largest kind that Kubernetes supports, and what came and went before. */
export const growth = { nodes: 5_000, ended: 20_000, csrs: 5_000, heartbeats: 5_000 / 300 } as const

const hex = (text: string, length: number): string => hash('sha256', text).slice(0, length)

export const nameOf = (number: number): string => `worker-${number}`
export const machineIdOf = (number: number): string => hex(`machine ${number}`, 32)
export const uidOf = (number: number): string => hex(`node ${number}`, 32)
export const csrUidOf = (number: number): string => hex(`csr ${number}`, 32)
export const tokenIdOf = (number: number): string => hex(`token ${number}`, 6)
export const began = '2026-01-01T00:00:00.000Z'

const facts = (number: number): Facts => ({
  hostname: nameOf(number),
  machineId: machineIdOf(number),
  productUuid: '',
  serial: hex(`serial ${number}`, 12),
  macs: [`52:54:00:${hex(`mac ${number}`, 6).replace(/..\B/g, '$&:')}`],
  addresses: [`10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`],
  os: 'Debian GNU/Linux 13 (trixie)',
  kernel: '6.12.43+deb13-amd64',
  arch: 'x86_64',
  cpus: 8,
  memory: 2 ** 35,
  kubelet: 'v1.37.2',
  kubeadm: 'v1.37.2',
  runtime: 'containerd 2.4.2'
})

/** As many as an agent reports, with as many words. */
const preflight: Check[] = Array.from({ length: 34 }, (_, index) => ({
  name: `check-${index}`,
  verdict: 'pass',
  finding: 'it is as kubeadm and the kubelet want it, also after the next boot of this machine'
}))

const certificate = (number: number) => ({
  fingerprint: `sha256:${hex(`key ${number}`, 64)}`,
  serial: hex(`serial of ${number}`, 32)
})

const attempt = (number: number): AttemptDocument => ({
  number: 1,
  tokenId: tokenIdOf(number),
  claimed: began,
  deadline: began,
  stage: 'kubelet-start',
  csr: { name: `csr-${number}`, uid: csrUidOf(number) },
  certificate: certificate(number),
  refusedCsrs: [],
  tokenDeleted: true
})

/** Ready with its Node up to `growth.nodes`, from there on over. */
export const enrolmentOf = (number: number): EnrolmentDocument => {
  const isReady = number < growth.nodes
  const evidence = {
    key: `sha256:${hex(`agent ${number}`, 64)}`,
    name: nameOf(number),
    address: `192.0.2.${number & 255}`,
    facts: facts(number),
    preflight
  }
  return {
    id: hex(`enrolment ${number}`, 32),
    revision: 0,
    state: isReady ? 'ready' : 'rejected',
    since: began,
    created: began,
    code: hex(`code ${number}`, 32),
    role: 'worker',
    ...emptyParts,
    ...evidence,
    // an approval keeps the checks that did not pass
    approval: { evidence: { ...evidence, preflight: [], at: began, revision: 1 } },
    join: {
      lastAttempt: 3,
      attempts: [attempt(number)],
      ...(isReady && { agentReady: { at: began, certificate: certificate(number) }, ready: began, confirmed: true })
    },
    ...(isReady
      ? { node: { uid: uidOf(number), registered: began, condition: 'Ready', message: '', ready: began } }
      : { reason: 'the wrong machine', settled: true })
  }
}
