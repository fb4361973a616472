import { agentRoutes, clientOf, operatorRoutes, pathOf, type Route, type Sent } from '@joinery/protocol'
import t from 'tap'

/** Clients of both APIs that note what they send. */
const clients = () => {
  const calls: [route: Route, sent: Sent][] = []
  const send = async (...call: (typeof calls)[number]) => void calls.push(call)
  return { calls, operator: clientOf(operatorRoutes, send), agent: clientOf(agentRoutes, send) }
}

t.test('a client has a method for each route, which sends the parts of the route', async (t) => {
  const { calls, operator, agent } = clients()
  const shown = { revision: 3, key: 'sha256:1' }
  const rows: [what: string, call: Promise<unknown>, route: Route, sent: Sent][] = [
    ['nothing', operator.status(), operatorRoutes.status, {}],
    ['a reference', operator.show('worker-1'), operatorRoutes.show, { reference: 'worker-1' }],
    ['a body', operator.createCode({ ttl: 60 }), operatorRoutes.createCode, { body: { ttl: 60 } }],
    ['both', operator.approve('a', shown), operatorRoutes.approve, { reference: 'a', body: shown }],
    ['a query', operator.list({ state: 'ready' }), operatorRoutes.list, { query: { state: 'ready' } }],
    ['no query', operator.list(), operatorRoutes.list, {}],
    ['a body that need not be', agent.claim(), agentRoutes.claim, {}],
    ['and is', agent.claim({ request: 'PEM' }), agentRoutes.claim, { body: { request: 'PEM' } }]
  ]
  await Promise.all(rows.map(([, call]) => call))
  for (const [index, [what, , route, sent]] of rows.entries()) {
    t.equal(calls[index]?.[0], route, `${what}: the route`)
    t.same(calls[index]?.[1], sent, what)
  }
  t.same(Object.keys(operator), Object.keys(operatorRoutes))
  t.same(Object.keys(agent), Object.keys(agentRoutes))
})

t.test('a reference cannot lead to another path', async (t) => {
  t.equal(pathOf(operatorRoutes.show, 'a/../b?c=d#e$&'), '/v1/enrolments/a%2F..%2Fb%3Fc%3Dd%23e%24%26')
  t.equal(pathOf(operatorRoutes.status), '/v1/status')
})

t.test('a route with parameters has a reference in its path, and no two have the same method and path', async (t) => {
  for (const routes of [agentRoutes, operatorRoutes]) {
    const all: Route[] = Object.values(routes)
    for (const { path, params } of all) {
      t.same(path.match(/:\w+/g) ?? [], params === undefined ? [] : [':reference'], path)
    }
    const places = all.map(({ method, path }) => `${method} ${path}`)
    t.equal(new Set(places).size, places.length)
  }
})
