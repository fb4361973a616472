import type { Mutant } from './mutant.ts'

const killedBy = ['packages/server/test/adapters/kubernetes/log/objects.test.ts']
const objects = { file: 'packages/server/src/adapters/kubernetes/log/kubernetes-log.ts', killedBy }
const outcome = { file: 'packages/server/src/adapters/kubernetes/log/outcome.ts', killedBy }
const lease = { file: 'packages/server/src/adapters/kubernetes/log/kubernetes-lease.ts', killedBy }
const manifests = ['packages/kube/test/log/log.test.ts']

/** What the log's objects in a real cluster must not take for something else. */
export const clusterLogMutants: readonly Mutant[] = [
  {
    ...objects,
    name: 'log-any-422-is-a-lost-race',
    text: 'answer?.code === 422 && answer.name === undefined && answer.message === failedTest',
    instead: 'answer?.code === 422',
    rule: 'what a schema, a policy or a webhook refuses deposes nobody'
  },
  {
    ...objects,
    name: 'log-document-put-without-version',
    text: 'const metadata = { name, namespace, ...given({ resourceVersion: version }) }',
    instead: 'const metadata = { name, namespace }',
    rule: 'a late put of a document never goes over a newer one'
  },
  {
    ...objects,
    name: 'log-document-deleted-at-any-version',
    text: 'body: { preconditions: { resourceVersion } }',
    instead: 'body: {}',
    rule: 'a late deletion never takes a newer document'
  },
  {
    ...outcome,
    name: 'log-absent-kind-is-an-absent-head',
    text: 'return answer?.code === 404 && answer.name !== undefined',
    instead: 'return answer?.code === 404',
    rule: 'a cluster that does not serve the kinds has not lost its head'
  },
  {
    ...outcome,
    name: 'log-5xx-was-not-done',
    text: '(code >= 400 && code < 500)',
    instead: 'code >= 400',
    rule: 'after a 5xx nobody knows what became of a commit'
  },
  {
    ...outcome,
    name: 'log-failing-webhook-is-unknown',
    text: 'refuserIn(error) !== undefined || (code === 500 && unwritten.test(message))',
    instead: '/denied/.test(message)',
    rule: 'a webhook that cannot be asked has stopped the commit before it was written'
  },
  {
    ...lease,
    name: 'lease-made-again-by-a-late-renewal',
    text: '...given({ uid, resourceVersion })',
    instead: '...given({ resourceVersion })',
    rule: 'a renewal never makes a Lease again that is gone'
  },
  {
    file: 'packages/kube/src/errors.ts',
    killedBy: ['packages/kube/test/errors.test.ts'],
    name: 'a-cut-write-was-never-sent',
    text: "['connect', 'getaddrinfo'].includes(String(cause.syscall))",
    instead: "['connect', 'getaddrinfo', 'write'].includes(String(cause.syscall))",
    rule: 'a request on a connection that broke may have arrived'
  },
  {
    file: 'packages/kube/src/log/rights.ts',
    killedBy: manifests,
    name: 'server-deletes-the-head',
    text: 'resourceNames: [${headName}], verbs: [patch]',
    instead: 'resourceNames: [${headName}], verbs: [patch, delete]',
    rule: 'the server has no right to delete the head'
  },
  {
    file: 'packages/kube/src/manifests/index.ts',
    killedBy: manifests,
    name: 'setup-takes-the-log-away',
    text: '...(log ? [] : logRights),',
    instead: '...(log ? [] : [...logKinds, ...logRights]),',
    rule: 'no setup takes the kinds of the log away, and all that the servers know with them'
  }
]
