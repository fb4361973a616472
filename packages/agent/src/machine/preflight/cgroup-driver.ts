import { fail, type PreflightCheck, pass, warn } from './check.ts'

const change =
  'set SystemdCgroup = true in the runc options of /etc/containerd/config.toml, then: systemctl restart containerd'

/** kubeadm gives the kubelet the systemd driver: a runtime with another one loses containers. */
export const cgroupDriver: PreflightCheck = {
  name: 'cgroup-driver',
  why: 'with two drivers two managers share the cgroups, and containers are lost under load',
  async run(host) {
    const runtime = await host.runtime().catch(() => undefined)
    if (runtime === undefined) return { verdict: 'skipped', finding: 'the container runtime does not answer' }
    const { name, version, cgroupDriver: driver } = runtime
    if (driver === 'systemd') return pass(`${name} uses the systemd cgroup driver`)
    if (driver === undefined)
      return warn(`${name} ${version} is too old to tell its cgroup driver; it has to be systemd`, change)
    return fail(`${name} uses the ${driver} cgroup driver, and the kubelet uses systemd`, change)
  }
}
