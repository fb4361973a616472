import { errorCode } from '@joinery/host/connection-problem'
import type { Host } from '../../../host/host.ts'
import { fail, type PreflightCheck, pass, warn } from '../check/check.ts'
import type { PreflightInput } from '../check/preflight-input.ts'
import { kubeletPort } from './role-ports.ts'

/** TCP ports of the kubelet's API and its health endpoint. The kubelet does not start without them. */
const kubelet = [kubeletPort, 10248]
/** TCP port of kube-proxy's health endpoint. Without it load balancers leave the node out. */
const proxy = 10256
/** TCP ports of API server, controller manager and scheduler. */
const controlPlane = [6443, 10257, 10259]
/** TCP ports of etcd, for its clients and for the other members. */
const members = [2379, 2380]

const neededBy = ({ role, cluster }: Pick<PreflightInput, 'role' | 'cluster'>): number[] => {
  if (role === 'worker') return kubelet
  return [...kubelet, ...controlPlane, ...(cluster?.etcd === 'external' ? [] : members)]
}

export const portsFree = (input: Pick<PreflightInput, 'role' | 'cluster'>): PreflightCheck => ({
  name: 'ports-free',
  why: 'the kubelet cannot serve its API on a port that another program has, and neither can the parts of a control plane',
  async run(host) {
    const needed = neededBy(input)
    const ports = [...needed, proxy]
    const holders = await Promise.all(ports.map(async (port) => ({ port, text: await holder(host, port) })))
    const taken = holders.filter(({ text }) => text !== undefined)
    if (taken.length === 0) return pass(`TCP ports ${ports.join(', ')} are free`)
    const finding = taken.map(({ text }) => text).join('; ')
    const look = `ss -ltnp '${taken.map(({ port }) => `sport = :${port}`).join(' or ')}'`
    const stop = '# stop the program that listens there'
    return taken.some(({ port }) => needed.includes(port)) ? fail(finding, look, stop) : warn(finding, look, stop)
  }
})

const holder = async (host: Host, port: number): Promise<string | undefined> => {
  try {
    await host.listen(port)
    return undefined
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE') throw error
    const sockets = await host.exec(['ss', '-Hltnp', 'sport', '=', `:${port}`]).catch(() => '')
    const [, name, pid] = /\(\("([^"]*)",pid=(\d+)/.exec(sockets) ?? []
    return `TCP port ${port} is taken${name === undefined ? '' : ` by ${name} (process ${pid})`}`
  }
}
