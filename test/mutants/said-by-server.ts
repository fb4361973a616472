import type { Mutant } from './mutant.ts'

const statements = {
  file: 'packages/server/src/core/trust/statements.ts',
  killedBy: ['packages/server/test/core/trust/statements.test.ts']
}
const servers = ['packages/server/test/core/leadership/servers.test.ts']
const onCluster = ['packages/server/test/program/run-on-cluster.test.ts']

/** What a server says and signs of itself, whoever has its account in the cluster. */
export const saidByServer: readonly Mutant[] = [
  {
    file: 'packages/server/src/core/leadership/presence-sights.ts',
    killedBy: [...servers, ...onCluster],
    name: 'server-without-mac',
    text: 'isProven && serverUrl',
    instead: 'serverUrl',
    rule: 'a Lease that no server with the keys wrote names no server'
  },
  {
    file: 'packages/server/src/core/leadership/presence-mac.ts',
    killedBy: [...servers, ...onCluster],
    name: 'presence-mac-of-another-address',
    text: '[cluster, address, holder,',
    instead: '[cluster, holder,',
    rule: 'a MAC of one server names no other address'
  },
  {
    file: 'packages/server/src/core/leadership/presence-mac.ts',
    killedBy: servers,
    name: 'presence-mac-of-another-cluster',
    text: '[cluster, address, holder,',
    instead: '[address, holder,',
    rule: 'a MAC of another cluster names nobody'
  },
  {
    file: 'packages/server/src/core/leadership/servers.ts',
    killedBy: servers,
    name: 'alone-before-it-has-looked',
    text: 'return this.#looked === undefined ? undefined : this.urls()',
    instead: 'return this.urls()',
    rule: 'a server that has not looked yet does not say that it is the only one'
  },
  {
    file: 'packages/server/src/program/run-on-cluster.ts',
    killedBy: onCluster,
    name: 'active-by-the-lease-alone',
    text: '        activeOf(servers),',
    instead: '        keeper.active,',
    rule: 'the address in the Lease of the active server is said to nobody unless a server has proven that it is its own'
  },
  {
    file: 'packages/server/src/adapters/kubernetes/kubernetes-cluster.ts',
    killedBy: ['packages/server/test/adapters/kubernetes/endpoint.test.ts'],
    name: 'endpoint-that-the-cluster-says',
    text: 'apiEndpoint ?? (await fixedFacts(kubeconfigFile))?.apiEndpoint',
    instead: 'apiEndpoint',
    rule: 'machines get the endpoint that root fixed, whatever the cluster says'
  },
  {
    file: 'packages/server/src/adapters/kubernetes/credential/credential.ts',
    killedBy: ['packages/server/test/adapters/kubernetes/credential/keep-credential.test.ts'],
    name: 'facts-lost-at-a-renewal',
    text: 'facts === undefined ? kubeconfig : withFixedFacts(kubeconfig, facts)',
    instead: 'kubeconfig',
    rule: 'a renewal of the credential keeps what root fixed'
  },
  {
    ...statements,
    name: 'statement-signed-once',
    text: 'Math.abs(now - signed.at) < most',
    instead: 'true',
    rule: 'a statement is signed again after ten minutes'
  },
  {
    ...statements,
    name: 'statement-by-half-a-certificate',
    text: '!leaf.checkPrivateKey(key) || ',
    instead: '',
    rule: 'nothing is signed while the key is another than that of the certificate'
  },
  {
    ...statements,
    name: 'next-pin-by-anybody',
    text: `    () => text,
    () => undefined`,
    instead: `    () => text,
    () => text`,
    rule: 'the server passes on a next pin only if its CA signed it'
  },
  {
    ...statements,
    name: 'statement-before-setup',
    text: 'this.#remedies = lack === undefined ? [] : [',
    instead: 'this.#remedies = lack !== undefined ? [] : [',
    rule: 'status says that the server signs nothing before setup has run'
  },
  {
    file: 'packages/server/src/front/http/heed-leadership.ts',
    killedBy: ['packages/server/test/front/http/heed-leadership.test.ts'],
    name: 'statement-of-the-active-server-alone',
    text: '!asksForStatement(request) && ',
    instead: '',
    rule: 'also a server that is not active answers with its statement'
  },
  {
    file: 'packages/server/src/front/http/say-statement.ts',
    killedBy: ['packages/server/test/front/http/heed-leadership.test.ts'],
    name: 'statement-by-the-text-of-a-path',
    text: `asksForStatement = ({ routeOptions }: Pick<FastifyRequest, 'routeOptions'>): boolean =>
  routeOptions.url === agentRoutes.statement.path`,
    instead: `asksForStatement = ({ url }: FastifyRequest): boolean => url.includes(agentRoutes.statement.path)`,
    rule: 'only the route of the statement is answered by a server that is not active'
  },
  {
    file: 'packages/server/src/core/trust/unknown-pins.ts',
    killedBy: ['packages/server/test/core/trust/unknown-pins.test.ts'],
    name: 'unknown-pin-in-silence',
    text: 'announced.includes(pin)',
    instead: 'pin.length > 0',
    rule: 'a next pin that this server never announced is an alert'
  },
  {
    file: 'packages/server/src/core/trust/endpoint-watch.ts',
    killedBy: ['packages/server/test/core/trust/endpoint-watch.test.ts'],
    name: 'endpoint-changed-in-silence',
    text: 'if (said === facts.apiEndpoint) return',
    instead: 'return',
    rule: 'an endpoint that is another one than setup fixed is an alert'
  }
]
