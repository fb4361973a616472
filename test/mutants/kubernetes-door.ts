import type { Mutants } from './mutant.ts'

/** What Kubernetes users and the API server may: policies, Decisions, Codes and views. */
export const kubernetesDoor: Mutants = {
  'ban-list-of-everybody': {
    file: 'packages/kube/src/manifests/bans/ban-list.ts',
    text: 'object.?data == variables.data',
    instead: 'true',
    rule: 'the server alone writes the names that are banned',
    killedBy: 'packages/kube/test/manifests/policies.test.ts'
  },
  'banned-node-writes-events': {
    file: 'packages/kube/src/manifests/bans/policy-ban.ts',
    text: 'apiGroups: ["", events.k8s.io]',
    instead: 'apiGroups: [events.k8s.io]',
    rule: 'a banned node writes no Event by either group',
    killedBy: 'packages/kube/test/manifests/policies.test.ts'
  },
  'token-for-another-service': {
    file: 'packages/kube/src/manifests/policy-token-renewal.ts',
    text: "audience in variables.noted.value().split(',')",
    instead: 'true',
    rule: 'a stolen token gives none for another service',
    killedBy: 'packages/kube/test/manifests/policies.test.ts'
  },
  'request-that-stays': {
    file: 'packages/kube/src/door/policy-manifest.ts',
    text: '!has(object.metadata.finalizers) && ',
    instead: '',
    rule: 'what anybody may make can be cleared away',
    killedBy: 'packages/kube/test/manifests/policies.test.ts'
  },
  'server-changes-labels': {
    file: 'packages/kube/src/manifests/policy-nodes.ts',
    text: '        && variables.labels[label] == variables.labelsBefore[label])',
    instead: '        )',
    rule: 'the server changes no label of a Node that has joined',
    killedBy: 'test/contract/cluster-fake.test.ts'
  },
  'release-by-who-approves-workers': {
    file: 'packages/kube/src/door/policies.ts',
    text: ", 'release']",
    instead: ']',
    rule: 'who releases a control plane may let one in',
    killedBy: 'packages/kube/test/manifests/policies.test.ts'
  },
  'decision-changed-on-its-way': {
    file: 'packages/server/src/features/kubernetes-api/decisions/judge-decision.ts',
    text: 'if (bindsAnother(name, spec))',
    instead: 'if (false)',
    rule: 'a Decision of the command is carried out as it was sent, or not at all',
    killedBy: 'packages/server/test/features/kubernetes-api/decisions/judge-decision.test.ts'
  },
  'decision-of-any-revision': {
    file: 'packages/server/src/features/kubernetes-api/decisions/judge-decision.ts',
    text: 'if (spec.revision === revision || ',
    instead: 'if (spec.revision !== -1 || ',
    rule: 'a Decision covers exactly what was shown',
    killedBy: 'packages/server/test/features/kubernetes-api/decisions/judge-decision.test.ts'
  },
  'uid-in-no-commit': {
    file: 'packages/server/src/core/enrolment/decision/decision.ts',
    text: ', decided: decision.applied(settled) }',
    instead: ' }',
    rule: 'the uid is in the commit of what the Decision does',
    killedBy: 'packages/server/test/core/enrolment/decision/asker.test.ts'
  },
  'decision-applied-twice': {
    file: 'packages/server/src/adapters/sqlite/commit.ts',
    text: "if (!writeDecided(change)) return 'decided'",
    instead: 'writeDecided(change)',
    rule: 'a Decision is applied once',
    killedBy: 'test/contract/store-sqlite.process.test.ts'
  },
  'approval-before-rejection': {
    file: 'packages/server/src/features/kubernetes-api/decisions/carry-out.ts',
    text: '{ rank: isEnding(spec.verdict) ? 0 : 1,',
    instead: '{ rank: 1,',
    rule: 'of Decisions that are seen together reject and remove go first',
    killedBy: 'packages/server/test/features/kubernetes-api/decisions/order.test.ts'
  },
  'decisions-of-one-user-first': {
    file: 'packages/server/src/features/kubernetes-api/decisions/carry-out.ts',
    text: 'const turns = inTurns(newestFirst, ({ decision }) => makerOf(decision))',
    instead: 'const turns = newestFirst',
    rule: 'thousands of Decisions of one user do not go before the one of another',
    killedBy: 'packages/server/test/features/kubernetes-api/decisions/order.test.ts'
  },
  'probe-after-only': {
    file: 'packages/server/src/features/kubernetes-api/asked/guarded-list.ts',
    text: 'const before = await this.#probe()',
    instead: "const before: ProbeAnswer = { answer: 'refused' }",
    rule: 'what was seen before the policy came back is not applied',
    killedBy: 'test/journeys/kubernetes-door-decisions/policy-away.test.ts'
  },
  'hash-made-again': {
    file: 'packages/server/src/features/kubernetes-api/codes/judge-code.ts',
    text: 'if (code !== undefined) return refuse',
    instead: 'if (false) return refuse',
    rule: 'a hash that the store knows makes no code again',
    killedBy: 'packages/server/test/features/kubernetes-api/codes/judge-code.test.ts'
  },
  'code-of-any-shape': {
    file: 'packages/server/src/features/kubernetes-api/codes/judge-code.ts',
    text: '!Value.Check(CodeSpec, spec)',
    instead: "typeof spec !== 'object' || spec === null",
    rule: 'the server does not rely on the schema in the cluster',
    killedBy: 'packages/server/test/features/kubernetes-api/codes/judge-code.test.ts'
  },
  'view-without-ignored-checks': {
    file: 'packages/server/src/features/kubernetes-api/view-of.ts',
    text: 'policy: policy && { ...policy, ignore: policy.ignore.slice(0, checksAtMost).map(checkName) }, recover',
    instead: 'recover',
    rule: 'an approver over the cluster sees which checks do not count',
    killedBy: 'test/journeys/kubernetes-door-command/what-a-code-decides.test.ts'
  },
  'lost-decision-not-looked-for': {
    file: 'packages/cli/src/kubernetes/decide.ts',
    text: '    if (made !== undefined) return\n',
    instead: '',
    rule: 'a Decision whose answer was lost is found',
    killedBy: 'test/journeys/kubernetes-door-command/decide.test.ts'
  },
  'code-changed-by-the-cluster': {
    file: 'packages/cli/src/kubernetes/codes.ts',
    text: 'fields.filter((field) => !isDeepStrictEqual(kept[field], asked[field]))',
    instead: "fields.filter((field) => field === 'readyWhen' && !isDeepStrictEqual(kept[field], asked[field]))",
    rule: 'nobody gets a code of which the cluster changed anything',
    killedBy: 'test/journeys/kubernetes-door-command/codes.test.ts'
  },
  'template-made-unasked': {
    file: 'packages/cli/src/commands/code/code-create.ts',
    text: 'if (yes || ask === undefined) return',
    instead: 'return',
    rule: 'a person is asked about a code by a template',
    killedBy: 'test/journeys/kubernetes-door-command/codes.test.ts'
  },
  'object-of-any-form': {
    file: 'packages/cli/src/kubernetes/objects.ts',
    text: 'return Value.Check(schema, told) ? (told as Static<T>) : undefined',
    instead: 'return told as Static<T>',
    rule: 'an object that does not fit is not believed',
    killedBy: 'test/journeys/kubernetes-door-command/doors-differ.test.ts'
  }
}
