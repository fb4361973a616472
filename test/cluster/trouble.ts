import type { Check, EnrolmentDetail } from '@joinery/protocol'
import type { Test } from 'tap'
import type { Machine } from './bed/machine.ts'
import { waitFor } from './bed/wait-for.ts'
import { minutes, type Product } from './product.ts'

/** Shell for `brokenUserData`: all that comes in is dropped, but for ssh. */
export const walled = `
  printf '%s\\n' 'flush ruleset' 'table inet site {' ' chain input {' '  type filter hook input priority 0; policy drop;' '  iif lo accept' '  ct state established,related accept' '  tcp dport 22 accept' ' }' '}' > /etc/nftables.conf
  nft -f /etc/nftables.conf && systemctl enable nftables
`

/** Shell for `brokenUserData`: swap is on, and stays on. */
export const withSwap = `
  dd if=/dev/zero of=/swapfile bs=1M count=64 && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile
  echo '/swapfile none swap sw 0 0' >> /etc/fstab
`

/** Shell for `brokenUserData`: containerd has no CRI, and another cgroup driver than the kubelet. */
export const withoutRuntime = `
  printf '%s\\n' 'version = 3' '# of this site' 'disabled_plugins = ["io.containerd.cri.v1.runtime", "io.containerd.cri.v1.images", "io.containerd.grpc.v1.cri"]' > /etc/containerd/config.toml
`

type Seen = Pick<EnrolmentDetail, 'preflight'>

export const byName = ({ preflight }: Seen): Record<string, Check | undefined> =>
  Object.fromEntries(preflight.map((check) => [check.name, check]))

const failing = ({ preflight }: Seen): string[] =>
  preflight.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name)

/** Waits until exactly these checks fail, and gives the evidence. */
export const fails = ({ show }: Product, reference: string, ...checks: string[]): Promise<EnrolmentDetail> =>
  waitFor(
    `${reference} to fail for ${checks.join(', ') || 'nothing'}`,
    () => show(reference),
    (seen) => failing(seen).toSorted().join() === checks.toSorted().join(),
    15 * minutes
  )

/** What a technician does: the commands that the operator was shown, one after the other. */
export const follow = async (t: Test, machine: Machine, check: Check | undefined): Promise<void> => {
  t.ok(check?.remedy?.length, `${check?.name} has a remedy`)
  for (const command of check?.remedy ?? []) {
    // kubeadm asks whether it is meant
    const { code, stdout, stderr } = await machine.ssh(command, 'y\n')
    t.equal(code, 0, command, { stdout, stderr })
  }
}

/** The agent's mending gave containerd its CRI and the kubelet's cgroup driver, and left the rest of its configuration. */
export const hasRuntime = async (t: Test, machine: Machine): Promise<void> => {
  t.match((await machine.ssh('cat /etc/containerd/config.toml')).stdout, /^# of this site$[\s\S]*SystemdCgroup = true/m)
  t.match((await machine.ssh('containerd config dump')).stdout, /disabled_plugins = \[\]/)
}
