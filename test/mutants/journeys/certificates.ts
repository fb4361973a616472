import type { Mutant } from '../mutant.ts'

const journeys = 'test/journeys/certificates'

/** What a pass does with the requests for certificates that the cluster shows. */
export const certificateJourneys: readonly Mutant[] = [
  {
    name: 'requests-by-tokens-alone',
    file: 'packages/server/src/core/reconcile/in-sight.ts',
    text: '[...(byRequester.get(nodeUsername(name)) ?? []), ...(byTokens.get(id) ?? [])]',
    instead: '[...(byTokens.get(id) ?? [])]',
    rule: 'a pass judges what a holder of a client certificate asks for',
    killedBy: [`${journeys}/certificate-guard.test.ts`]
  },
  {
    name: 'approval-of-what-no-server-gives',
    file: 'packages/server/src/core/services/operator/approving.ts',
    text: '  kindOf(enrolment.terms).offered(credential)\n',
    instead: '',
    rule: 'an operator is told at once that the server gives no such credential',
    killedBy: [`${journeys}/certificate-server.test.ts`]
  },
  {
    name: 'request-parsed-at-each-pass',
    file: 'packages/server/src/core/reconcile/reconciler.ts',
    text: '    if (first === undefined) this.#judged.note(enrolment, csrs)\n',
    instead: '',
    rule: 'no pass looks at a request that it has judged',
    killedBy: [`${journeys}/csr-flood.test.ts`]
  },
  {
    name: 'denial-never-made',
    file: 'packages/server/src/core/reconcile/reconciler.ts',
    text: '    await this.#deny(work)\n',
    instead: '',
    rule: 'a request that must not be approved is denied',
    killedBy: [`${journeys}/denials.test.ts`]
  },
  {
    name: 'first-request-of-a-text',
    file: 'packages/server/src/core/enrolment/csr/csr-request.ts',
    text: "  const text = pem.endsWith('\\n') ? pem.slice(0, -1) : pem\n",
    instead: '  const text = pem.slice(pem.indexOf(begin), pem.indexOf(end) + end.length)\n',
    rule: 'a text with two requests asks for nothing',
    killedBy: [`${journeys}/hostile-requests.test.ts`]
  },
  {
    name: 'address-of-a-service',
    file: 'packages/server/src/core/reconcile/serving-certificates.ts',
    text: 'clusterNetworks: [...serviceSubnets, ...podSubnets]',
    instead: 'clusterNetworks: []',
    rule: 'no serving certificate is approved for an address of a Service or a Pod',
    killedBy: [`${journeys}/serving-certificates.test.ts`]
  }
]
