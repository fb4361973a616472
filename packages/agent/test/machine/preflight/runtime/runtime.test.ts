import type { Runtime } from '../../../../src/cri/cri.ts'
import { GrpcError } from '../../../../src/cri/grpc.ts'
import { cgroupDriver } from '../../../../src/machine/preflight/runtime/cgroup-driver.ts'
import { containerRuntime } from '../../../../src/machine/preflight/runtime/container-runtime.ts'
import { sandboxImage } from '../../../../src/machine/preflight/runtime/sandbox-image.ts'
import { table } from '../../../support/check-table.ts'
import { systemError } from '../../../support/table-host.ts'

const containerd: Runtime = {
  socket: '/run/containerd/containerd.sock',
  name: 'containerd',
  version: '2.4.2',
  problem: undefined,
  cgroupDriver: 'systemd'
}
const old: Runtime = { ...containerd, version: '1.7.24', cgroupDriver: undefined }
const config = (text: string) => ({ '/etc/containerd/config.toml': text })
const criOff = new GrpcError(12, 'unknown service runtime.v1.RuntimeService')

table(containerRuntime, [
  {
    name: 'answers',
    machine: { runtime: containerd },
    verdict: 'pass',
    finding: /^containerd 2\.4\.2 answers on \/run\/containerd\/containerd\.sock$/
  },
  {
    name: 'not ready',
    machine: { runtime: { ...containerd, problem: 'RuntimeNotReady: no runc' } },
    verdict: 'fail',
    finding: /cannot run containers: RuntimeNotReady: no runc/,
    remedy: /^journalctl -u containerd$/,
    byHand: true
  },
  {
    name: 'no socket',
    machine: {},
    verdict: 'fail',
    finding: /no CRI socket/,
    remedy: /install -y containerd\nsystemctl enable --now containerd$/,
    byHand: true
  },
  {
    name: 'CRI off, as Docker’s packages have it',
    machine: { runtime: criOff, files: config('#root = "/var/lib/containerd"\ndisabled_plugins = ["cri"]\n') },
    verdict: 'fail',
    finding: /CRI service switched off/,
    remedy: /disabled_plugins.*\nsystemctl restart containerd$/
  },
  {
    name: 'CRI off by its long name, among others',
    machine: {
      runtime: criOff,
      files: config(
        'version = 2\ndisabled_plugins = [\n  "io.containerd.internal.v1.opt",\n  "io.containerd.grpc.v1.cri"]\n'
      )
    },
    verdict: 'fail',
    finding: /switched off/,
    remedy: /disabled_plugins/
  },
  {
    name: 'CRI that is on and does not come up',
    machine: { runtime: criOff, files: config('#disabled_plugins = ["cri"]\ndisabled_plugins = []\n') },
    verdict: 'fail',
    finding: /failed to start/,
    remedy: /journalctl -u containerd/,
    byHand: true
  },
  {
    name: 'silent',
    machine: { runtime: new Error('no answer within 5 s') },
    verdict: 'fail',
    finding: /does not answer: no answer within 5 s/,
    remedy: /containerd/,
    byHand: true
  },
  {
    name: 'stopped',
    machine: { runtime: systemError('ECONNREFUSED') },
    verdict: 'fail',
    finding: /does not answer: ECONNREFUSED/,
    remedy: /enable --now containerd/,
    byHand: true
  },
  ...['v1.37.2', 'v1.38.0'].map((kubelet) => ({
    name: `too old to tell kubelet ${kubelet} its cgroup driver`,
    machine: { runtime: old, programs: { kubelet } },
    verdict: 'warn' as const,
    finding: /^containerd 1\.7\.24 does not know the CRI call RuntimeConfig, which kubelets will need/,
    remedy: /containerd 2\.0 or later/,
    byHand: true as const
  }))
])

const cgroupfs: Runtime = { ...containerd, cgroupDriver: 'cgroupfs' }
const crio: Runtime = { ...containerd, name: 'cri-o', version: '1.35.0', cgroupDriver: 'cgroupfs' }
const options = (value: string) => config(`[plugins.x.options]\n  SystemdCgroup = ${value}\n`)

table(cgroupDriver(), [
  {
    name: 'systemd',
    machine: { runtime: containerd },
    verdict: 'pass',
    finding: /containerd uses the systemd cgroup driver/
  },
  {
    name: 'systemd, whatever the kubelet is told',
    machine: {
      runtime: containerd,
      files: { '/etc/default/kubelet': 'KUBELET_EXTRA_ARGS=--cgroup-driver=cgroupfs\n' }
    },
    verdict: 'pass',
    finding: /the kubelet follows it/
  },
  {
    name: 'cgroupfs, by default',
    machine: { runtime: cgroupfs },
    verdict: 'fail',
    finding: /^containerd 2\.4\.2 uses the cgroupfs cgroup driver$/,
    remedy: /^# set SystemdCgroup = true .*\nsystemctl restart containerd$/
  },
  {
    name: 'cgroupfs, written down',
    machine: { runtime: cgroupfs, files: options('false') },
    verdict: 'fail',
    finding: /uses the cgroupfs/,
    remedy: /^sed -i .*\nsystemctl restart containerd$/
  },
  {
    name: 'cgroupfs of another runtime',
    machine: { runtime: crio },
    verdict: 'fail',
    finding: /^cri-o 1\.35\.0 uses the cgroupfs cgroup driver$/,
    remedy: /cgroup manager to systemd/,
    byHand: true
  },
  {
    name: 'another runtime that is too old to tell',
    machine: { runtime: { ...crio, cgroupDriver: undefined } },
    verdict: 'warn',
    finding: /too old to tell/,
    remedy: /cgroup manager to systemd/,
    byHand: true
  },
  {
    name: 'containerd that is too old to tell, by its file',
    machine: { runtime: old, files: options('true') },
    verdict: 'pass',
    finding: /containerd 1\.7\.24 uses the systemd cgroup driver/
  },
  {
    name: 'containerd that is too old to tell, with one runtime of several on cgroupfs',
    machine: {
      runtime: old,
      files: config('[plugins.x.options]\n  SystemdCgroup = true\n[plugins.y.options]\n  SystemdCgroup = false\n')
    },
    verdict: 'fail',
    finding: /uses the cgroupfs cgroup driver/,
    remedy: /^sed -i .*\nsystemctl restart containerd$/
  },
  {
    name: 'containerd that is too old to tell, by its default',
    machine: { runtime: old, files: config('#SystemdCgroup = true\n') },
    verdict: 'fail',
    finding: /uses the cgroupfs cgroup driver/,
    remedy: /SystemdCgroup = true/
  },
  {
    name: 'containerd that is too old to tell, and a kubelet with flags of its own',
    machine: {
      runtime: old,
      files: { ...options('true'), '/etc/default/kubelet': 'KUBELET_EXTRA_ARGS="--v=2 --cgroup-driver=cgroupfs"\n' }
    },
    verdict: 'fail',
    finding: /gives the kubelet the cgroupfs driver/,
    remedy: /\/etc\/default\/kubelet$/,
    byHand: true
  },
  { name: 'no runtime', machine: {}, verdict: 'skipped', finding: /does not answer/ }
])

const pinned = (text: string) => ({ runtime: containerd, files: config(text) })
table(sandboxImage, [
  { name: 'not named', machine: { runtime: containerd }, verdict: 'pass', finding: /^containerd's own$/ },
  {
    name: 'of a mirror',
    machine: pinned("version = 3\n[plugins.x.pinned_images]\n  sandbox = 'mirror.example.com:5000/pause:3.10.1'\n"),
    verdict: 'pass',
    finding: /^mirror\.example\.com:5000\/pause:3\.10\.1$/
  },
  {
    name: 'an old key in a new file',
    machine: pinned("version = 3\n  sandbox_image = 'mirror.example.com/pause:3.9'\n"),
    verdict: 'warn',
    finding: /does not know sandbox_image: mirror\.example\.com\/pause:3\.9 is not used/,
    remedy: /pinned_images/
  },
  {
    name: 'the old key in an old file',
    machine: pinned("version = 2\n  sandbox_image = 'registry.k8s.io/pause:3.9'\n"),
    verdict: 'pass',
    finding: /^registry\.k8s\.io\/pause:3\.9$/
  },
  {
    name: 'a registry that was given up',
    machine: pinned('version = 2\nsandbox_image = "k8s.gcr.io/pause:3.6"\n'),
    verdict: 'warn',
    finding: /^k8s\.gcr\.io\/pause:3\.6 is in a registry that was given up/,
    remedy: /^sed .*sandbox_image.*\nsystemctl restart containerd$/
  },
  {
    name: 'no image at all',
    machine: pinned('version = 2\nsandbox_image = ""\n'),
    verdict: 'warn',
    finding: /names "", which is no image/,
    remedy: /^sed /
  },
  {
    name: 'another runtime',
    machine: { runtime: crio },
    verdict: 'skipped',
    finding: /the image of cri-o is not known/
  },
  { name: 'no runtime', machine: {}, verdict: 'skipped', finding: /does not answer/ }
])

table(
  cgroupDriver('cgroupfs'),
  [
    {
      name: 'a runtime that tells systemd',
      machine: { runtime: containerd },
      verdict: 'pass',
      finding: /the kubelet follows it/
    },
    {
      name: 'a runtime that tells cgroupfs, as the cluster has it',
      machine: { runtime: cgroupfs },
      verdict: 'warn',
      finding: /cgroupfs cgroup driver, as the kubelets of this cluster do$/,
      remedy: /kubelet-config$/,
      byHand: true
    },
    {
      name: 'another runtime with cgroupfs',
      machine: { runtime: crio },
      verdict: 'warn',
      finding: /^cri-o 1\.35\.0 uses the cgroupfs cgroup driver, as the kubelets/,
      remedy: /kubelet-config$/,
      byHand: true
    },
    {
      name: 'containerd that is too old to tell, with systemd',
      machine: { runtime: old, files: options('true') },
      verdict: 'fail',
      finding: /containerd 1\.7\.24 uses the systemd cgroup driver, and the kubelets of this cluster cgroupfs/,
      remedy: /kubelet-config\n# or install containerd 2\.0/,
      byHand: true
    },
    {
      name: 'containerd that is too old to tell, with cgroupfs',
      machine: { runtime: old, files: options('false') },
      verdict: 'warn',
      finding: /as the kubelets of this cluster do$/,
      remedy: /kubelet-config$/,
      byHand: true
    }
  ],
  'cgroup-driver in a cluster whose kubelets are set to cgroupfs'
)
