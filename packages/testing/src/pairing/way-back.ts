import { X509Certificate } from 'node:crypto'
import { certificateRequest, type JoinKey } from '@joinery/agent/testing/keys'
import { fingerprint, type RecoveryCredential, type RecoveryRequest, type SeenEnrolment } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { eventually } from '../clocks/eventually.ts'
import type { CertificateHolder } from '../cluster/world/cluster-world.ts'
import { kubeletRequest } from '../cluster/world/kubelet-request.ts'
import { newJoinKey } from './join-keys.ts'
import { ready } from './joined.ts'
import type { Pairing } from './pairing.ts'
import type { TestMachine } from './test-machine.ts'

/** A machine that was Ready, and lost the certificate of its kubelet. */
export interface LostMachine {
  name: string
  machine: TestMachine
  /** The certificate that is lost, with its key: a copy of the disk has it. */
  lost: CertificateHolder
  joinKey: JoinKey
  /** Asks for the way back as the agent does. `part`: what this ask has instead. */
  ask(part?: Partial<RecoveryRequest>): Promise<SeenEnrolment>
  /** Claims the credential. `interrupted`: the attempt that a reboot interrupted, as the machine says. */
  claim(joinKey?: JoinKey, interrupted?: number): Promise<RecoveryCredential>
  /** Does what the kubelet does with the credential: it gets a certificate of its own. */
  renew(credential: RecoveryCredential): Promise<CertificateHolder>
  /** Does the rest: the agent reports the certificate, and the Node is Ready. */
  comeBack(holder: CertificateHolder): Promise<void>
}

/** A value of the counter: that digit 64 times. */
export const count = (digit: string): string => digit.repeat(64)

/** A machine whose Node is no longer Ready, because its kubelet has no certificate. */
export const lostMachine = async (pairing: Pairing, name = 'worker-1'): Promise<LostMachine> => {
  const { machine, certificate, key } = await ready(pairing, name)
  const joinKey = await newJoinKey()
  await loseNode(pairing, name)
  const own = new X509Certificate(certificate)
  return {
    name,
    machine,
    lost: { certificate, key },
    joinKey,
    ask: (part = {}) =>
      machine.server.recover({
        reason: 'missing',
        serial: own.serialNumber,
        next: count('1'),
        joinKey: joinKey.fingerprint,
        facts: machine.facts,
        bootId: 'boot-1',
        ...part
      }),
    claim: async (by = joinKey, interrupted) =>
      machine.server.claimRecovery({ request: await certificateRequest(by, name), ...given({ interrupted }) }),
    renew: async (credential) => {
      const { request, key: kubeletKey } = await kubeletRequest(name)
      const holder = { certificate: credential.certificate, key: joinKey.key }
      const csr = await pairing.cluster.submitCsr({ holder, request })
      const issued = await eventually('the kubelet has it', async () => (await pairing.cluster.csr(csr))?.certificate)
      await pairing.reconcile()
      return { certificate: issued, key: kubeletKey }
    },
    comeBack: async (holder) => {
      await reportReady(machine, holder)
      await pairing.cluster.setNodeReady(name, 'True', 'KubeletReady', 'kubelet is posting ready status')
      await pairing.reconcile()
    }
  }
}

/** Makes the Node Unknown, as the control plane does if its kubelet is silent. */
export const loseNode = async (pairing: Pairing, name: string): Promise<void> => {
  await pairing.cluster.setNodeReady(name, 'Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.')
  await pairing.reconcile()
}

/** Reports the certificate as the agent does once its kubelet has it. */
export const reportReady = (machine: TestMachine, { certificate }: Pick<CertificateHolder, 'certificate'>) => {
  const { publicKey, serialNumber: serial } = new X509Certificate(certificate)
  return machine.server.outcome({ outcome: 'ready', certificate: { fingerprint: fingerprint(publicKey), serial } })
}
