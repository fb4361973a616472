import { fail, type PreflightCheck, pass, skipped, warn } from '../check/check.ts'
import { describeProblems, dial, parseEndpoint, remedies } from '../reach/endpoints.ts'

/**
 * Checks a TCP connection to each API server by itself. `addresses` are host:port. Undefined if no pairing server
 * told them.
 */
export const controlPlanes = (addresses: readonly string[] | undefined): PreflightCheck => ({
  name: 'control-planes',
  why: 'a load balancer sends this machine to any of the API servers, also to one that it cannot reach',
  async run(host) {
    if (addresses === undefined) return skipped('the pairing server was not asked yet')
    const endpoints = addresses.flatMap((address) => parseEndpoint(address) ?? [])
    if (endpoints.length === 0) return skipped('the pairing server knows the address of no API server')
    const dialled = await Promise.all(endpoints.map((endpoint) => dial(host, endpoint)))
    const silent = dialled.filter(({ answers }) => answers.length === 0)
    if (silent.length === 0) return pass(`${endpoints.map(({ text }) => text).join(', ')}: each answers`)
    const finding = silent.map(describeProblems).join('; ')
    const remedy = [...new Set(silent.flatMap((one) => remedies(one, 'kube-apiserver')))]
    if (silent.length === dialled.length) return fail(`no API server answers: ${finding}`, ...remedy)
    return warn(`${silent.length} of ${dialled.length} API servers do not answer: ${finding}`, ...remedy)
  }
})
