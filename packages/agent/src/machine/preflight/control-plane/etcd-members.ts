import { fail, type PreflightCheck, pass, skipped } from '../check/check.ts'
import type { PreflightInput } from '../check/preflight-input.ts'
import { describeProblems, dial, parseEndpoint, remedies } from '../reach/endpoints.ts'

/** TCP ports of etcd, for its clients and for the other members. */
const ports = [2379, 2380]

/** Checks a TCP connection to the etcd of each control plane, which lies beside its API server. */
export const etcdMembers = (cluster: PreflightInput['cluster']): PreflightCheck => ({
  name: 'etcd-members',
  why: 'every member of etcd speaks to every other one; kubeadm adds none if a member does not answer',
  async run(host) {
    if (cluster === undefined) return skipped('the pairing server was not asked yet')
    if (cluster.etcd === 'external') return skipped('etcd is external: this machine becomes no member')
    const names = cluster.controlPlanes.flatMap((address) => parseEndpoint(address)?.name ?? [])
    if (names.length === 0)
      return fail(
        'the pairing server knows no control plane, and so no etcd',
        '# on a control plane: kubectl get endpointslices kubernetes'
      )
    const endpoints = [...new Set(names)].flatMap((name) =>
      ports.map((port) => ({ text: `${name.includes(':') ? `[${name}]` : name}:${port}`, name, port }))
    )
    const dialled = await Promise.all(endpoints.map((endpoint) => dial(host, endpoint)))
    const silent = dialled.filter(({ answers }) => answers.length === 0)
    if (silent.length === 0) return pass(`${endpoints.map(({ text }) => text).join(', ')}: each answers`)
    const remedy = [...new Set(silent.flatMap((one) => remedies(one, 'etcd')))]
    return fail(silent.map(describeProblems).join('; '), ...remedy)
  }
})
