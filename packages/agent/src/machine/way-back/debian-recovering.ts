import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { discoveryKubeconfig } from '@joinery/host/text/discovery-kubeconfig'
import { type KeyAlgorithm, keyAlgorithms, minute, usualKeyAlgorithm } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { paths, units } from '../../host/paths.ts'
import { unitProperties } from '../../host/unit.ts'
import { clusterOf } from '../kubeadm/kubeconfig.ts'
import { certificateIn } from '../kubeadm/kubelet-certificate.ts'
import { kubeletLog } from '../kubeadm/kubelet-log.ts'
import type { BootstrapCredential, KubeletSight, KubeletUnit, Recovering } from '../port/recovering.ts'
import type { AskApi } from './ask-api.ts'
import { keyIn, readPem } from './read-pem.ts'

interface RecoveringParts {
  files: Files
  exec: Exec
  askApi: AskApi
  /** Monotonic milliseconds since boot. */
  monotonic: () => number
}

/** The way back on a Debian-like machine with systemd and kubeadm, by its files and commands. */
export const debianRecovering = ({ files, exec, askApi, monotonic }: RecoveringParts): Recovering => {
  const present = async (): Promise<BootstrapCredential | undefined> => {
    const text = (await files.read(paths.kubeletCertificate)) ?? ''
    const certificate = certificateIn(text)
    return certificate && { certificate: certificate.toString(), key: keyIn(text) }
  }
  return {
    look: async (nodeName): Promise<KubeletSight> => {
      const [pem, conf, bootstrapConf, controlPlane] = await Promise.all([
        readPem(files),
        files.read(paths.kubeletConf).then((text = '') => clusterOf(files, text)),
        files.exists(paths.bootstrapConf),
        controlPlaneOf(files)
      ])
      const as = pem.state === 'whole' ? await present() : undefined
      const api = conf && (await askApi(conf, nodeName, as))
      const good = pem.state === 'whole' && api?.answer === 'http' && api.status === 200
      const kubelet = good ? undefined : await kubeletUnit(exec, monotonic())
      return { pem, bootstrapConf, ...given({ conf, api, kubelet, controlPlane }) }
    },
    keyAlgorithm: async () => keyAlgorithmOf((await files.read(paths.kubeletConfig)) ?? ''),
    ask: (nodeName, way, as) => askApi(way, nodeName, as),
    replaceAuthority: async (ca) => {
      const there = (await files.read(paths.clusterAuthority)) ?? ''
      if (!there.includes(ca.trim())) await files.write(paths.clusterAuthority, ca, 0o644)
    },
    writeBootstrap: ({ server, ca }, credential) => {
      const text = discoveryKubeconfig({ server, certificateAuthority: ca, ...credential })
      return files.write(paths.bootstrapConf, text, 0o600)
    },
    removeBootstrap: () => files.remove(paths.bootstrapConf),
    removeCertificate: () => files.remove(paths.kubeletCertificate),
    // only a unit that is active: one that waits to be started again comes round by itself
    restartKubelet: async () => void (await exec(['systemctl', 'try-restart', '--no-block', units.kubelet])),
    kubeletLog: () => lastLines(exec)
  }
}

const controlPlaneOf = async (files: Pick<Files, 'exists' | 'read'>): Promise<KubeletSight['controlPlane']> => {
  if (!(await files.exists(paths.apiServerManifest))) return undefined
  const ca = await files.read(paths.clusterAuthority)
  return { authorityKey: await files.exists(paths.clusterAuthorityKey), ...given({ ca }) }
}

/** keyAlgorithmOf reads the field of a kubelet's configuration. A kubelet makes the usual kind if it says nothing. */
const keyAlgorithmOf = (config: string): KeyAlgorithm => {
  const asked = /^clientCertificateKeyAlgorithm: *"?([^"\s]+)"?\s*$/m.exec(config)?.[1]
  return keyAlgorithms.find((algorithm) => algorithm === asked) ?? usualKeyAlgorithm
}

/** A kubelet without a credential ends within seconds. One that has run for this long has one, in milliseconds. */
const hasStarted = minute

/** Words of client-go in the log of a kubelet whose certificate the API server does not take any more. */
const refusal = /system:anonymous|\bUnauthorized\b/

/**
 * The state of the kubelet's unit. `active` is no sign of health: a kubelet whose certificate ended while it ran stays
 * active, and asks as anybody. `now` is monotonic milliseconds since boot, as systemd's.
 */
export const kubeletUnit = async (exec: Exec, now: number): Promise<KubeletUnit> => {
  const unit = await unitProperties(exec, units.kubelet, ['ActiveState', 'ActiveEnterTimestampMonotonic'])
  const since = Number(unit.ActiveEnterTimestampMonotonic ?? 0) / 1000
  if (unit.ActiveState === 'active' && now - since >= hasStarted) {
    const lines = await kubeletLog(exec, '--since=-15min', '--lines=400')
    return { state: 'runs', refused: lines.some((line) => refusal.test(line)) }
  }
  return { state: unit.ActiveState === 'inactive' || unit.ActiveState === 'failed' ? 'stopped' : 'ends' }
}

/** The kubelet's last lines as they are reported: without secrets, and of a bounded length. */
export const lastLines = async (exec: Exec): Promise<string[]> =>
  (await kubeletLog(exec, '--lines=20')).map((line) => line.slice(0, 512))
