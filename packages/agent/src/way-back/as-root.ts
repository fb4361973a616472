import { X509Certificate } from 'node:crypto'
import { CommandEnd } from '@joinery/host/command-end'
import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { quotedYaml } from '@joinery/host/text/quoted-yaml'
import { fingerprint, minute, recoveryLifetime } from '@joinery/protocol'
import { paths } from '../host/paths.ts'
import { readKubeconfig } from '../machine/kubeadm/kubeconfig.ts'
import type { BootstrapCredential, KubeletSight, Recovering, WayToApi } from '../machine/port/recovering.ts'
import type { Clock } from '../program/clock.ts'
import { exitCodes } from '../program/exit-codes.ts'
import type { WayBackEnd } from './context.ts'
import { refusesCredential } from './judge-credential.ts'
import { judgeKubelet } from './judge-kubelet.ts'

interface AsRootParts {
  files: Files
  exec: Exec
  recovering: Recovering
  clock: Clock
  /** The agent's folder on tmpfs, 0700. */
  runDirectory: string
  /** Name of the Node. */
  nodeName: string
  /** Says a line to the person. */
  tell: (line: string) => void
  /** True if the person agrees. */
  agrees: (question: string) => Promise<boolean>
  signal: AbortSignal
}

/**
 * Gives the kubelet of a control plane a new credential by the key of the cluster's CA, which lies on this machine. It is
 * for a cluster whose only API server is down because its kubelet cannot start: nobody else could issue a certificate
 * then. The other certificates are looked at first, and a person agrees.
 */
export const recoverAsRoot = async (parts: AsRootParts): Promise<WayBackEnd> => {
  const { recovering, nodeName, tell, agrees, clock } = parts
  const sight = await recovering.look(nodeName)
  if (sight.controlPlane?.authorityKey !== true) {
    throw failure('the key of the cluster CA is not on this machine', 'joinery-agent recover')
  }
  const refusal = refusesAsRoot(sight, clock.now())
  if (refusal !== undefined) return refusal
  await requireOthersGood(parts)
  tell(`the kubelet of ${nodeName} gets a credential of an hour, signed with ${paths.clusterAuthorityKey}`)
  if (!(await agrees(`make it for system:node:${nodeName}, and restart the kubelet`))) {
    return { end: 'failed', why: 'nothing was changed', remedy: [] }
  }
  const { way, credential } = await issued(parts, sight)
  try {
    await recovering.writeBootstrap(way, credential)
    const { pem } = sight
    if (pem.state === 'unreadable' || pem.state === 'key-does-not-fit') await recovering.removeCertificate()
    await recovering.restartKubelet()
    return await waitForCertificate(parts, sight)
  } finally {
    await recovering.removeBootstrap()
  }
}

/**
 * The end if the kubelet would not use another credential, or needs none. It compares with this machine's clock, and so
 * does this: no API server may be there that says what time it is.
 */
const refusesAsRoot = (sight: KubeletSight, now: number): WayBackEnd | undefined => {
  const verdict = judgeKubelet(sight)
  if (verdict.is === 'nothing') return { end: 'nothing', why: verdict.why, remedy: [] }
  const { pem, conf, kubelet } = sight
  if (kubelet?.state === 'stopped') {
    return { end: 'failed', why: 'the kubelet is stopped', remedy: ['systemctl start kubelet'] }
  }
  if (pem.state !== 'whole' || conf === undefined || pem.notAfter <= now) return undefined
  const until = new Date(pem.notAfter).toISOString()
  return {
    end: 'failed',
    why: `by this machine's clock the certificate of the kubelet is good until ${until}, so the kubelet would use no other`,
    remedy: ['date', 'kubeadm certs check-expiration', 'journalctl --unit kubelet --lines 50']
  }
}

/** Throws if other certificates of this control plane are not good: then those are what keeps the API server down. */
const requireOthersGood = async ({ files, exec, tell }: AsRootParts): Promise<void> => {
  const printed = await exec(['kubeadm', 'certs', 'check-expiration'], { timeout: 2 * minute })
  const others = notGood(printed, await files.exists(paths.etcdManifest))
  for (const { line } of others) tell(line)
  if (others.length === 0) return
  const names = others.map(({ name }) => name).join(', ')
  throw failure(`other certificates of this control plane are over or missing: ${names}`, 'kubeadm certs renew all')
}

/**
 * The credential by `kubeadm kubeconfig user`. kubeadm asks for a configuration, of which only the folder of the keys
 * counts here.
 */
const issued = async (
  { files, exec, runDirectory, nodeName }: AsRootParts,
  { conf, controlPlane }: KubeletSight
): Promise<{ way: WayToApi; credential: BootstrapCredential }> => {
  const configuration = `${runDirectory}/kubeconfig-user.yaml`
  const made = `${runDirectory}/kubeconfig-user.conf`
  const kubernetesVersion = (await exec(['kubeadm', 'version', '-o', 'short'])).trim()
  const document = {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    kubernetesVersion,
    certificatesDir: paths.pki,
    ...(conf && { controlPlaneEndpoint: new URL(conf.server).host })
  }
  try {
    await files.write(configuration, quotedYaml(document), 0o600)
    const user = ['--org', 'system:nodes', '--client-name', `system:node:${nodeName}`, '--validity-period', '1h']
    const printed = await exec(['kubeadm', 'kubeconfig', 'user', '--config', configuration, ...user])
    await files.write(made, printed, 0o600)
    const { server, ca, cert, key } = await readKubeconfig(files, made)
    const way = { server: conf?.server ?? server, ca: controlPlane?.ca ?? ca }
    const refusal = refusesCredential(
      { attempt: 0, nodeName, expires: '', server: way.server, certificateAuthority: way.ca, certificate: cert },
      { nodeName, key: fingerprint(new X509Certificate(cert).publicKey) }
    )
    if (refusal !== undefined) throw failure(`kubeadm made a credential that cannot be used: ${refusal}`)
    return { way, credential: { certificate: cert, key } }
  } finally {
    await files.remove(made)
    await files.remove(configuration)
  }
}

const pause = 2_000

/** Waits until the kubelet has another certificate, and the API server takes it. */
const waitForCertificate = async (
  { recovering, nodeName, clock, signal }: AsRootParts,
  { pem: before }: KubeletSight
): Promise<WayBackEnd> => {
  const old = 'certificate' in before ? before.certificate?.serial : undefined
  const until = clock.monotonic() + recoveryLifetime
  while (!signal.aborted && clock.monotonic() < until) {
    const { pem, api } = await recovering.look(nodeName)
    if (pem.state === 'whole' && pem.certificate.serial !== old && api?.answer === 'http' && api.status === 200) {
      const { fingerprint, serial } = pem.certificate
      return {
        end: 'recovered',
        why: `the kubelet of ${nodeName} has its certificate: ${fingerprint}, serial ${serial}`,
        remedy: []
      }
    }
    await clock.sleep(pause, signal)
  }
  const remedy = ['systemctl status kubelet', 'journalctl --unit kubelet --lines 50', 'crictl ps --all']
  return { end: 'failed', why: 'the kubelet got no certificate in ten minutes', remedy }
}

const failure = (cause: string, remedy?: string): CommandEnd => new CommandEnd(exitCodes.failure, cause, remedy)

/** A certificate of a control plane that is over, or missing: its name with kubeadm, and kubeadm's line. */
interface NotGood {
  name: string
  line: string
}

/** kubeadm makes it on the first control plane alone (cmd/kubeadm/app/cmd/phases/init/kubeconfig.go). */
const onFirstAlone = 'super-admin.conf'

/** Names of the certificates of an etcd on this machine, and of the one by which the API server is its client. */
const ofEtcd = ['etcd-server', 'etcd-peer', 'etcd-healthcheck-client', 'apiserver-etcd-client']

/**
 * The certificates that `kubeadm certs check-expiration` printed as over or missing (cmd/kubeadm/app/cmd/certs.go). `etcdIsHere`: an etcd
 * of the cluster runs on this machine. kubeadm looks for files that only some control planes have, and these are left out.
 */
const notGood = (printed: string, etcdIsHere: boolean): NotGood[] =>
  printed.split('\n').flatMap((text) => {
    const line = text.trim()
    const [first = '', second = ''] = line.split(/\s+/)
    if (first === '!MISSING!') {
      const isElsewhere = second === onFirstAlone || (!etcdIsHere && ofEtcd.includes(second))
      return isElsewhere ? [] : [{ name: second, line }]
    }
    return line.includes('<invalid>') ? [{ name: first, line }] : []
  })
