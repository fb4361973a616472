import { text } from 'node:stream/consumers'
import { connect } from '@joinery/kube'
import { startupTaint } from '@joinery/protocol'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { nodeProbes, takenTaint } from '../../../../src/adapters/kubernetes/probes/node-probes.ts'
import { gapsOf } from '../../../../src/adapters/kubernetes/probes/probe.ts'

const own = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }
const other = { key: 'dedicated', value: 'edge', effect: 'NoSchedule' }
const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }

const refusal = "ValidatingAdmissionPolicy 'joinery-nodes' denied request"

/** The probes of a cluster with these taints on its first Node, and on its control plane, and what they ask. */
const over = async (
  t: Test,
  first: object[],
  controlPlane?: object[],
  allowed: (body: string) => boolean = () => false
) => {
  const bodies: string[] = []
  const node = (name: string, taints: object[]) => ({ metadata: { name }, spec: { taints } })
  const api = await apiServer(t, async (request, response) => {
    const { method, url = '' } = request
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (method !== 'GET') {
      const body = await text(request)
      bodies.push(`${url} ${body}`)
      return allowed(body) ? answer(200, {}) : answer(422, { message: refusal })
    }
    const isOfControlPlanes = url.includes('labelSelector')
    const items = isOfControlPlanes ? controlPlane && [node('cp-1', controlPlane)] : [node('worker-1', first)]
    answer(200, { items: items ?? [] })
  })
  const connection = connect(api.kubeconfig('secret'))
  return { bodies, gaps: async () => gapsOf(connection, await nodeProbes(connection)) }
}

/** Taints of the first Node and of a control plane, and what the probe leaves of which Node. */
const cases: [what: string, first: object[], controlPlane: object[] | undefined, asked: RegExp | undefined][] = [
  [
    'a taint of any Node',
    [startupTaint, other],
    undefined,
    /worker-1.*"taints":\[\{"effect":"NoSchedule","key":"joinery.dev/
  ],
  [
    'the taint of a control plane',
    [startupTaint, notReady],
    [own, notReady],
    /cp-1.*"taints":\[\{"effect":"NoSchedule","key":"node.kubernetes.io/
  ],
  ['nothing but what comes and goes', [startupTaint, notReady], undefined, undefined]
]

for (const [what, first, controlPlane, asked] of cases) {
  t.test(`the server tries, by dry run, to take away ${what}`, async (t) => {
    const { bodies, gaps } = await over(t, first, controlPlane)
    t.same(await gaps(), [])
    const taken = bodies.find((body) => body.includes('taints'))
    if (asked === undefined) t.equal(taken, undefined)
    else t.match(taken, asked)
    for (const body of bodies) t.match(body, /dryRun=All/)
  })
}

t.test('a policy that lets the server take a taint away is a gap', async (t) => {
  const { gaps } = await over(t, [other], undefined, (body) => body.includes('taints'))
  t.same(await gaps(), [`${takenTaint} is not refused`])
})
