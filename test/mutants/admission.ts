import type { Mutant } from './mutant.ts'

const killedBy = ['packages/kube/test/manifests/policies.test.ts']
const door = { file: 'packages/kube/src/door/policies.ts', killedBy }
const banList = { file: 'packages/kube/src/manifests/bans/ban-list.ts', killedBy }
const csrs = { file: 'packages/kube/src/manifests/policy-bootstrap-csrs.ts', killedBy }

/** Admission policies, and what rests on them. */
export const admission: readonly Mutant[] = [
  {
    ...banList,
    name: 'ban-list-of-everybody',
    text: 'object.?data == variables.data',
    instead: 'true',
    rule: 'the server alone writes the names that are banned'
  },
  {
    ...banList,
    name: 'generation-of-everybody',
    text: '== variables.number)',
    instead: '!= variables.number)',
    rule: "the server alone writes its store's number"
  },
  {
    ...banList,
    name: 'ban-list-gone-with-an-annotation',
    text: "\n        && authorizer.group('').resource('namespaces').namespace('${namespace}').name('${namespace}').check('delete').allowed())",
    instead: ')',
    rule: 'who may only write in the namespace deletes no ban list'
  },
  {
    ...banList,
    name: 'ban-list-gone-with-all-others',
    text: "(request.operation == 'DELETE' ? oldObject : object).metadata.name == '${name}')",
    instead: "request.name == '${name}')",
    rule: 'a deletion of all ConfigMaps at once is asked about'
  },
  {
    file: 'packages/kube/src/manifests/policy-csr-approvals.ts',
    killedBy,
    name: 'approval-that-keeps-a-request',
    text: 'object.metadata.?finalizers == oldObject.metadata.?finalizers',
    instead: 'true',
    rule: 'an approval puts no finalizer on a request'
  },
  {
    ...csrs,
    name: 'request-of-any-name',
    text: '{1,253}',
    instead: '{1,}',
    rule: 'a joining machine gives its request a name of 253 characters at most'
  },
  {
    ...csrs,
    name: 'request-of-any-size',
    text: '<= 16384',
    instead: '<= 16384000',
    rule: 'a joining machine fills no storage'
  },
  {
    name: 'request-that-stays',
    file: 'packages/kube/src/door/policy-manifest.ts',
    text: '!has(object.metadata.finalizers) && ',
    instead: '',
    rule: 'what anybody may make can be cleared away',
    killedBy
  },
  {
    name: 'banned-node-writes-events',
    file: 'packages/kube/src/manifests/bans/policy-ban.ts',
    text: 'apiGroups: ["", events.k8s.io]',
    instead: 'apiGroups: [events.k8s.io]',
    rule: 'a banned node writes no Event by either group',
    killedBy
  },
  {
    name: 'token-for-another-service',
    file: 'packages/kube/src/manifests/policy-token-renewal.ts',
    text: "audience in variables.noted.value().split(',')",
    instead: 'true',
    rule: 'a stolen token gives none for another service',
    killedBy
  },
  {
    name: 'event-of-anybody',
    file: 'packages/kube/src/manifests/policy-events.ts',
    text: "== '${eventsController}'\n",
    instead: "!= ''\n",
    rule: 'the server speaks as nobody else',
    killedBy
  },
  {
    ...door,
    name: 'release-by-who-approves-workers',
    text: ", 'release']",
    instead: ']',
    rule: 'who releases a control plane may let one in'
  },
  {
    ...door,
    name: 'decision-renamed-on-its-way',
    text: 'object.metadata.name == request.name',
    instead: 'true',
    rule: 'what changes an object on its way leaves it its name'
  },
  {
    name: 'release-by-an-older-policy',
    file: 'packages/server/src/features/kubernetes-api/decisions/carry-out.ts',
    text: "if (verdict !== 'release' || role !== 'control-plane') return undefined",
    instead: "if (verdict !== 'never') return undefined",
    rule: 'a release of a control plane waits for a policy that asks for the right',
    killedBy: ['test/journeys/kubernetes-door-decisions/decisions.test.ts']
  },
  {
    name: 'decision-changed-on-its-way',
    file: 'packages/server/src/features/kubernetes-api/decisions/judge-decision.ts',
    text: 'if (bindsAnother(name, spec))',
    instead: 'if (false)',
    rule: 'a Decision of the command is carried out as it was sent, or not at all',
    killedBy: [
      'packages/server/test/features/kubernetes-api/decisions/judge-decision.test.ts',
      'test/journeys/kubernetes-door-command/decide.test.ts'
    ]
  },
  {
    name: 'decision-named-for-nothing',
    file: 'packages/protocol/src/door/decision-name.ts',
    text: 'JSON.stringify([unique, fields])',
    instead: 'JSON.stringify([unique])',
    rule: 'the name of a Decision binds all that is in it',
    killedBy: ['packages/protocol/test/door/decision-name.test.ts']
  },
  {
    name: 'dry-run-of-another-decision',
    file: 'packages/cli/src/kubernetes/decide.ts',
    text: 'if (isDeepStrictEqual((kept as { spec?: unknown }).spec, spec)) return',
    instead: 'if (kept !== undefined) return',
    rule: 'a dry run says if the cluster would keep something else',
    killedBy: ['test/journeys/kubernetes-door-command/decide.test.ts']
  },
  {
    name: 'mutating-policy-unseen',
    file: 'packages/kube/src/doctor/checks/admission/mutating-policies.ts',
    text: 'bindings.length > 0',
    instead: 'bindings.length > 1',
    rule: 'the doctor names a policy that may change a Decision',
    killedBy: ['packages/kube/test/doctor/checks/checks.test.ts']
  }
]
