import type { Bed } from '../bed/bed.ts'
import type { Machine } from '../bed/machine.ts'
import { minutes } from '../product.ts'

/** What a machine needs of its kernel before it joins, as the pages of Kubernetes have people set it by hand. */
const prepared = `#cloud-config
write_files:
  - path: /etc/modules-load.d/k8s.conf
    content: br_netfilter
  - path: /etc/sysctl.d/k8s.conf
    content: net.ipv4.ip_forward = 1
runcmd:
  - modprobe br_netfilter
  - sysctl --system
  - touch /run/prepared
`

/** A worker that kubeadm alone joined, with a token that is good for every machine. */
export const joinBare = async (bed: Bed, name: string, number: number): Promise<Machine> => {
  const machine = bed.machine(name, number)
  await machine.boot(prepared)
  await machine.waitFor('to be prepared', 'test -e /run/prepared', 15 * minutes)
  const { stdout } = await bed.exec(['kubeadm', 'token', 'create', '--print-join-command'])
  const { code, stderr } = await machine.ssh(stdout.trim())
  if (code !== 0) throw new Error(`kubeadm join on ${name}: exit status ${code}\n${stderr}`)
  return machine
}
