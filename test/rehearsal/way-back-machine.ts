import { JournalFile } from '@joinery/agent/testing/journal'
import { type JoinState, paths } from '@joinery/agent/testing/machine'
import { RecoveryFile, type RecoveryRecord } from '@joinery/agent/testing/way-back'
import { certificateAuthority } from '@joinery/fake-kubernetes'
import type { KubeletCertificate } from '@joinery/protocol'
import type { Moment } from '@joinery/testing/agents/agent-process'
import { type RunningWayBack, runRecover } from '@joinery/testing/agents/way-back'
import { eventually } from '@joinery/testing/clocks/eventually'
import { signedAnew } from '@joinery/testing/cluster/signed-anew'
import type { Test } from 'tap'
import { openRehearsal } from './open-rehearsal.ts'
import { type PlayedServer, playedServer } from './way-back-server.ts'

const stateDirectory = '/var/lib/joinery-agent'
const nodeName = 'worker-1'
const year = 365 * 86_400_000

/** A machine that Joinery joined, whose Node is Ready, and a pairing server that keeps the contract. */
export const openJoined = async (t: Test) => {
  const rehearsal = await openRehearsal(nodeName, 1, true)
  const { cluster, clock, machine, endpoint } = rehearsal
  const { files, looking, joining } = machine
  t.teardown(() => machine.powerOff())
  await joining.startJoin(await rehearsal.certificate(1))
  const joined = async (): Promise<JoinState | undefined> => {
    const state = await looking.joinState()
    return state.unit === 'succeeded' ? state : undefined
  }
  const { certificate } = await eventually('kubeadm ends', joined)
  const journal = new JournalFile(files, stateDirectory)
  await journal.write({ accepted: true, joined: { nodeName, certificate: certificate as KubeletCertificate } })
  const server: PlayedServer = playedServer(cluster, nodeName)
  let ahead = 0
  const steps: string[] = []
  const said: string[] = []
  const signer = { certificate: endpoint.certificateAuthority, key: cluster.caKey }

  /** Starts `joinery-agent recover`, whose every moment is told to `watch`. */
  const start = (watch?: (moment: Moment) => unknown, wait?: number): RunningWayBack =>
    runRecover({ machine, server, clock, now: () => Date.now() + ahead, steps, said }, watch, wait)
  const pem = async (): Promise<string> => (await files.read(paths.kubeletCertificate)) ?? ''
  const keyOf = (text: string): string => text.slice(text.indexOf('-----BEGIN PRIVATE KEY-----'))
  const resign = async (notBefore: number, notAfter: number): Promise<void> => {
    const text = await pem()
    const anew = await signedAnew(text, signer, { notBefore: new Date(notBefore), notAfter: new Date(notAfter) })
    await files.write(paths.kubeletCertificate, anew + keyOf(text), 0o600)
  }
  return {
    ...rehearsal,
    nodeName,
    files,
    journal,
    server,
    steps,
    said,
    signer,
    start,
    pem,
    /** Runs `joinery-agent recover` to its end. */
    recover: (wait?: number) => start(() => {}, wait).ended,
    record: (): Promise<RecoveryRecord> => new RecoveryFile(files, stateDirectory).read(),
    serial: async (): Promise<string | undefined> => (await looking.joinState()).certificate?.serial,
    has: (path: string) => files.exists(path),
    /** Has the kubelet's certificate expire, as the reference did it: the same key, signed anew for a time in the past. */
    expire: () => resign(Date.now() - 2 * year, Date.now() - year),
    resign,
    /** Sets this machine's clock ahead by so many milliseconds, and boots it. */
    setClock: async (milliseconds: number): Promise<void> => {
      ahead = milliseconds
      machine.setClock(milliseconds)
      await machine.reboot()
    },
    remove: () => files.remove(paths.kubeletCertificate),
    /** Gives kubelet.conf and ca.crt a CA that the API server is not of. */
    forgetAuthority: async (): Promise<string> => {
      const { certificate: other } = await certificateAuthority(() => new Date())
      const [right, wrong] = [endpoint.certificateAuthority, other].map((text) => Buffer.from(text).toString('base64'))
      const conf = (await files.read(paths.kubeletConf)) ?? ''
      await files.write(paths.kubeletConf, conf.replace(/(certificate-authority-data: ).*/, `$1${wrong}`), 0o600)
      await files.write(paths.clusterAuthority, other, 0o644)
      return right ?? ''
    }
  }
}
export type JoinedMachine = Awaited<ReturnType<typeof openJoined>>
