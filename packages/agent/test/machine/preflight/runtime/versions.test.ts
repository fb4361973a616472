import { installed } from '../../../../src/machine/preflight/runtime/installed.ts'
import { versionSkew } from '../../../../src/machine/preflight/runtime/version-skew.ts'
import { table } from '../../../support/check-table.ts'

table(installed('kubelet'), [
  {
    name: 'installed',
    machine: { programs: { kubelet: 'v1.37.2' } },
    verdict: 'pass',
    finding: /^kubelet v1\.37\.2$/
  },
  {
    name: 'not installed',
    machine: {},
    verdict: 'fail',
    finding: /^kubelet is not installed$/,
    remedy: /^# first add the package repository .*: https:\/\/kubernetes\.io\S+\napt-get install -y kubelet$/
  },
  {
    name: 'does not run',
    machine: { programs: { kubelet: 127 } },
    verdict: 'fail',
    finding: /does not run: kubelet --version: exit status 127/,
    remedy: /^apt-get install -y --reinstall kubelet$/
  }
])

table(installed('kubeadm'), [
  {
    name: 'the oldest that can be used',
    machine: { programs: { kubeadm: 'v1.31.0' } },
    verdict: 'pass',
    finding: /v1\.31\.0/
  },
  {
    name: 'older',
    machine: { programs: { kubeadm: 'v1.30.14' } },
    verdict: 'fail',
    finding: /v1\.30\.14 is older than v1\.31/,
    remedy: /install -y kubeadm/
  },
  { name: 'not installed', machine: {}, verdict: 'fail', finding: /not installed/, remedy: /install -y kubeadm/ }
])

table(installed('kubectl'), [
  {
    name: 'installed',
    machine: { programs: { kubectl: 'v1.37.2' } },
    verdict: 'pass',
    finding: /^kubectl v1\.37\.2$/
  },
  {
    name: 'not installed: no part of the join',
    machine: {},
    verdict: 'warn',
    finding: /not installed/,
    remedy: /install -y kubectl/
  }
])

const versions = (kubelet: string, kubeadm: string) => ({ programs: { kubelet, kubeadm } })
const package36 =
  /^apt-get update\n[\s\S]*pkgs\.k8s\.io\/core:\/stable:\/v1\.36\/deb\/Release\.key\n.*\n.* --allow-downgrades .*kubelet='1\.36\.\*' kubeadm='1\.36\.\*'\napt-mark hold kubelet kubeadm$/

table(versionSkew(undefined), [
  { name: 'the same', machine: versions('v1.37.2', 'v1.37.0'), verdict: 'pass', finding: /fit each other$/ },
  { name: 'three older', machine: versions('v1.34.4', 'v1.37.2'), verdict: 'pass', finding: /fit each other$/ },
  {
    name: 'four older',
    machine: versions('v1.32.9', 'v1.36.1'),
    verdict: 'fail',
    finding: /kubelet v1\.32\.9 and kubeadm v1\.36\.1: kubeadm refuses/,
    remedy: package36
  },
  {
    name: 'newer than kubeadm',
    machine: versions('v1.37.2', 'v1.36.1'),
    verdict: 'warn',
    finding: /newer than kubeadm/,
    remedy: package36
  },
  { name: 'no kubelet', machine: {}, verdict: 'skipped', finding: /of kubelet is not known/ },
  {
    name: 'no kubeadm',
    machine: { programs: { kubelet: 'v1.37.2' } },
    verdict: 'skipped',
    finding: /of kubeadm is not known/
  },
  {
    name: 'a build without a version',
    machine: versions('v0.0.0-master+$Format:%H$', 'v1.37.2'),
    verdict: 'skipped',
    finding: /not known/
  }
])

table(versionSkew('v1.36.4'), [
  {
    name: 'the same',
    machine: versions('v1.36.1', 'v1.36.1'),
    verdict: 'pass',
    finding: /fit the cluster's v1\.36\.4$/
  },
  {
    name: 'a newer patch',
    machine: versions('v1.36.9', 'v1.36.9'),
    verdict: 'pass',
    finding: /fit the cluster's v1\.36\.4$/
  },
  { name: 'an older kubelet', machine: versions('v1.34.4', 'v1.36.1'), verdict: 'pass', finding: /fit the cluster/ },
  {
    name: 'both older',
    machine: versions('v1.34.4', 'v1.34.4'),
    verdict: 'warn',
    finding: /^kubeadm v1\.34\.4 is older than the cluster, which is v1\.36\.4/,
    remedy: package36
  },
  {
    name: 'a newer kubelet',
    machine: versions('v1.37.2', 'v1.36.4'),
    verdict: 'fail',
    finding: /^newer than the cluster, which is v1\.36\.4: kubelet v1\.37\.2$/,
    remedy: package36
  },
  {
    name: 'both newer',
    machine: versions('v1.37.2', 'v1.37.2'),
    verdict: 'fail',
    finding: /: kubelet v1\.37\.2 and kubeadm v1\.37\.2$/,
    remedy: package36
  },
  {
    name: 'a kubelet that is too old',
    machine: versions('v1.32.9', 'v1.35.1'),
    verdict: 'fail',
    finding: /^kubelet v1\.32\.9 is more than 3 minor versions older than the cluster/,
    remedy: package36
  }
])
