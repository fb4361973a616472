import { errorCode } from '../connection-problem.ts'
import type { Host } from '../host.ts'
import { fail, type PreflightCheck, pass } from './check.ts'

/** The kubelet's API and its health endpoint. */
const ports = [10250, 10248]

export const portsFree: PreflightCheck = {
  name: 'ports-free',
  why: 'the kubelet cannot serve its API on a port that somebody else has',
  async run(host) {
    const taken = (await Promise.all(ports.map((port) => holder(host, port)))).filter((text) => text !== undefined)
    if (taken.length === 0) return pass(`TCP ports ${ports.join(' and ')} are free`)
    return fail(taken.join('; '), `ss -ltnp, and stop what listens on ${ports.join(' or ')}`)
  }
}

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
