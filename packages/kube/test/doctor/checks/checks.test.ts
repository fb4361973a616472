import { binding, clusterBinding, group, hours, now, pod, token, user } from '@joinery/testing/cluster/doctor-objects'
import { wrongRemedyLines } from '@joinery/testing/remedies/remedy-lines'
import t from 'tap'
import { judgeMutatingPolicies } from '../../../src/doctor/checks/admission/mutating-policies.ts'
import { judgeWebhooks } from '../../../src/doctor/checks/admission/webhooks.ts'
import { judgeAnonymous } from '../../../src/doctor/checks/anonymous-auth.ts'
import { judgeEndpoints } from '../../../src/doctor/checks/anonymous-endpoints.ts'
import { judgeApiVersions } from '../../../src/doctor/checks/api-versions.ts'
import { judgeAutoApproval } from '../../../src/doctor/checks/auto-approval.ts'
import { judgeTokens } from '../../../src/doctor/checks/bootstrap-tokens.ts'
import { judgeSigner } from '../../../src/doctor/checks/certificate-signer.ts'
import type { Finding } from '../../../src/doctor/checks/check.ts'
import { judgeClusterInfo } from '../../../src/doctor/checks/cluster-info.ts'
import { judgeNamespace } from '../../../src/doctor/checks/joinery/joinery-namespace.ts'
import { judgeRights } from '../../../src/doctor/checks/joinery/joinery-rights.ts'
import { judgeServerLease } from '../../../src/doctor/checks/joinery/server-lease.ts'
import { judgeKubeadmCerts } from '../../../src/doctor/checks/kubeadm-certs.ts'
import { judgeKubeletCertificates } from '../../../src/doctor/checks/kubelet-certificates.ts'
import { judgeNodeRestriction } from '../../../src/doctor/checks/node-restriction.ts'
import { judgeOperators } from '../../../src/doctor/checks/operators.ts'
import { clusterChecks } from '../../../src/doctor/cluster-checks.ts'
import { type ServedGroup, servedGroups } from '../../../src/doctor/sight.ts'
import { manifests } from '../../../src/manifests/index.ts'

interface Row {
  when: string
  found: Finding
  verdict: string
  says: RegExp
  remedy?: (string | RegExp)[]
  /** How many changes harden makes; none where it is left away. */
  changes?: number
}

const table = (check: string, rows: Row[]): void => {
  t.test(check, async (t) => {
    for (const { when, found, verdict, says, remedy = [], changes = 0 } of rows) {
      t.equal(found.verdict, verdict, when)
      t.match(found.finding, says, when)
      t.equal(found.remedy.length, remedy.length, `${when}: ${found.remedy.join('\n')}`)
      t.match(found.remedy, remedy, when)
      t.equal(found.changes.length, changes, when)
      t.same(wrongRemedyLines(found.remedy), [], when)
    }
  })
}

const nodeclient = 'system:certificates.k8s.io:certificatesigningrequests:nodeclient'
const kubeadmGroup = 'system:bootstrappers:kubeadm:default-node-token'
const byKubeadm = clusterBinding('kubeadm:node-autoapprove-bootstrap', nodeclient, group(kubeadmGroup))
const rotation = clusterBinding(
  'kubeadm:node-autoapprove-certificate-rotation',
  'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
  group('system:nodes')
)
const byEverybody = clusterBinding('auto-approve-csrs-for-group', nodeclient, group('system:bootstrappers'))
const hostile = clusterBinding("a'; reboot #", nodeclient, group('system:bootstrappers:x'))

const approver = {
  name: 'joinery-approver',
  rules: [{ apiGroups: ['joinery.dev'], resources: ['enrolments'], verbs: ['approve', 'reject'] }]
}
const everything = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]
const clusterAdmin = { name: 'cluster-admin', rules: everything }
const masters = clusterBinding('cluster-admin', 'cluster-admin', group('system:masters'))
const reader = { name: 'reader', rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['get'] }] }

const leaseOf = (leaseTransitions?: number) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'joinery-server', namespace: 'joinery-system' },
  spec: { leaseTransitions }
})
const leaseAnew = [
  /^# end every token of that account first: joinery-server setup --renew on one host/,
  /^kubectl --namespace joinery-system annotate --overwrite lease joinery-server .* && kubectl .* delete lease joinery-server$/
]
table('server-lease', [
  { when: 'no Lease', found: judgeServerLease(undefined), verdict: 'skipped', says: /no pairing servers share/ },
  { when: 'a Lease without a term', found: judgeServerLease(leaseOf()), verdict: 'pass', says: /term 0/ },
  { when: 'a term by counting', found: judgeServerLease(leaseOf(2 ** 30)), verdict: 'pass', says: /term 1073741824$/ },
  {
    when: 'A3: a term to which nobody counts',
    found: judgeServerLease(leaseOf(2 ** 30 + 1)),
    verdict: 'warn',
    says: /term 1073741825, to which nobody counts/,
    remedy: leaseAnew
  },
  {
    when: 'A3: the last term',
    found: judgeServerLease(leaseOf(2 ** 31 - 1)),
    verdict: 'fail',
    says: /no server becomes active any more/,
    remedy: leaseAnew
  }
])

table('operators', [
  {
    when: 'only the administrators of the cluster',
    found: judgeOperators([masters], [clusterAdmin, approver]),
    verdict: 'pass',
    says: /^may approve workers: Group system:masters; control planes: Group system:masters$/
  },
  {
    when: 'a user with the role, and who may read all',
    found: judgeOperators(
      [clusterBinding('ops', 'joinery-approver', user('alice')), clusterBinding('read', 'reader', group('all'))],
      [approver, reader]
    ),
    verdict: 'pass',
    says: /^may approve workers: User alice; control planes: nobody$/
  },
  {
    when: 'a role in one namespace gives nothing about what is in none',
    found: judgeOperators([binding('team', 'ops', 'joinery-approver', user('alice'))], [approver]),
    verdict: 'pass',
    says: /workers: nobody/
  },
  {
    when: 'a wildcard that nobody meant',
    found: judgeOperators(
      [clusterBinding('ci', 'all-of-it', user('runner'))],
      [{ name: 'all-of-it', rules: everything }]
    ),
    verdict: 'warn',
    says: /by a wildcard: ClusterRole all-of-it, bound by ci to User runner/,
    remedy: [/ClusterRole all-of-it/]
  }
])

const webhook = {
  configuration: 'ValidatingWebhookConfiguration guard',
  name: 'guard.example.org',
  seesNamespace: true,
  isRequired: true
}

table('webhooks', [
  {
    when: 'one that is asked about other groups',
    found: judgeWebhooks([{ ...webhook, groups: ['apps', ''] }]),
    verdict: 'pass',
    says: /^no webhook is asked/
  },
  {
    when: 'one that is asked about everything, and must answer',
    found: judgeWebhooks([{ ...webhook, groups: ['*'] }]),
    verdict: 'warn',
    says: /guard.example.org is asked about the objects of joinery.dev and the log of log.joinery.dev and the Leases of joinery-system, and stops them while it is away/,
    remedy: [/leave the objects of joinery.dev and .* out of the rules of guard.example.org/]
  },
  {
    when: 'one that is asked about everything outside of the namespace of Joinery',
    found: judgeWebhooks([{ ...webhook, groups: ['*'], seesNamespace: false }]),
    verdict: 'warn',
    says: /guard.example.org is asked about the objects of joinery.dev, and stops them while it is away/,
    remedy: [/leave the objects of joinery.dev out/]
  },
  {
    when: 'one that is asked about the log, and must answer',
    found: judgeWebhooks([{ ...webhook, groups: ['log.joinery.dev'] }]),
    verdict: 'warn',
    says: /guard.example.org is asked about the log of log.joinery.dev, and stops them/,
    remedy: [/./]
  },
  {
    when: 'one that is asked about Leases, and must answer',
    found: judgeWebhooks([{ ...webhook, groups: ['coordination.k8s.io'] }]),
    verdict: 'warn',
    says: /is asked about the Leases of joinery-system, and stops them/,
    remedy: [/./]
  },
  {
    when: 'one that is asked about Leases elsewhere',
    found: judgeWebhooks([{ ...webhook, groups: ['coordination.k8s.io', 'log.joinery.dev'], seesNamespace: false }]),
    verdict: 'pass',
    says: /^no webhook is asked/
  },
  {
    when: 'one that is asked, and need not answer',
    found: judgeWebhooks([{ ...webhook, groups: ['joinery.dev'], isRequired: false }]),
    verdict: 'warn',
    says: /of joinery.dev$/,
    remedy: [/./]
  }
])

const policy = { name: 'evil', groups: ['joinery.dev'], seesNamespace: true, bindings: ['evil'] }
table('mutating-policies', [
  {
    when: 'one about other groups, and one without a binding',
    found: judgeMutatingPolicies([
      { ...policy, groups: ['apps', ''] },
      { ...policy, groups: ['*'], bindings: [] }
    ]),
    verdict: 'pass',
    says: /^no MutatingAdmissionPolicy may change the objects of joinery.dev$/
  },
  {
    when: 'C5: one that may change a Decision',
    found: judgeMutatingPolicies([policy]),
    verdict: 'warn',
    says: /^MutatingAdmissionPolicy evil may change the objects of joinery.dev, by its binding evil$/,
    remedy: ['# leave the objects of joinery.dev out of the rules of MutatingAdmissionPolicy evil']
  },
  {
    when: 'one that may change everything outside of the namespace of Joinery',
    found: judgeMutatingPolicies([{ ...policy, groups: ['*'], seesNamespace: false, bindings: ['one', 'two'] }]),
    verdict: 'warn',
    says: /may change the objects of joinery.dev, by its binding one; two$/,
    remedy: [/./]
  },
  {
    when: 'one that may change Leases',
    found: judgeMutatingPolicies([{ ...policy, groups: ['coordination.k8s.io'] }]),
    verdict: 'warn',
    says: /may change the Leases of joinery-system/,
    remedy: [/./]
  }
])

table('joinery-namespace', [
  {
    when: "setup's own bindings, and those elsewhere",
    found: judgeNamespace([
      binding('joinery-system', 'joinery-server', 'joinery-server', user('u')),
      binding('joinery-system', 'joinery-log', 'joinery-log', user('u')),
      binding('default', 'team', 'edit', user('u')),
      clusterBinding('cluster-admin', 'cluster-admin', group('system:masters')),
      clusterBinding('lookers', 'view', group('lookers')),
      binding('joinery-system', 'lookers', 'view', group('lookers'))
    ]),
    verdict: 'pass',
    says: /nobody|anybody else/
  },
  {
    when: 'somebody may edit in the namespace',
    found: judgeNamespace([binding('joinery-system', 'team', 'edit', group('team'))]),
    verdict: 'warn',
    says: /^RoleBinding team gives Role edit in joinery-system to Group team$/,
    remedy: ['kubectl --namespace joinery-system delete rolebinding team']
  },
  {
    when: 'somebody may do there what another role says',
    found: judgeNamespace([binding('joinery-system', 'odd', 'token-maker', user('mallory'))]),
    verdict: 'warn',
    says: /token-maker in joinery-system to User mallory/,
    remedy: [/delete rolebinding odd$/]
  },
  {
    when: 'somebody may edit everywhere',
    found: judgeNamespace([clusterBinding('developers', 'edit', group('dev'))]),
    verdict: 'warn',
    says: /^ClusterRoleBinding developers gives ClusterRole edit in every namespace to Group dev$/,
    remedy: [/^# bind edit in the namespaces/]
  }
])

table('auto-approval', [
  {
    when: 'nobody',
    found: judgeAutoApproval([], [rotation]),
    verdict: 'pass',
    says: /approves no request by a bootstrap token/
  },
  {
    when: "kubeadm's group",
    found: judgeAutoApproval([{ group: kubeadmGroup, reason: 'allowed by K' }], [rotation, byKubeadm]),
    verdict: 'fail',
    says: /a token of system:bootstrappers:kubeadm:default-node-token are approved.*allowed by K/,
    remedy: ['kubectl delete clusterrolebinding kubeadm:node-autoapprove-bootstrap'],
    changes: 1
  },
  {
    when: 'every token',
    found: judgeAutoApproval(
      ['system:bootstrappers', kubeadmGroup].map((name) => ({ group: name, reason: `allowed to ${name}` })),
      [byKubeadm, byEverybody]
    ),
    verdict: 'fail',
    says: /by any bootstrap token are approved.*allowed to system:bootstrappers$/,
    remedy: [/node-autoapprove-bootstrap$/, 'kubectl delete clusterrolebinding auto-approve-csrs-for-group'],
    changes: 2
  },
  {
    when: "Joinery's group, beside kubeadm's",
    found: judgeAutoApproval(
      [kubeadmGroup, 'system:bootstrappers:joinery:node'].map((name) => ({ group: name, reason: 'r' })),
      [byKubeadm]
    ),
    verdict: 'fail',
    says: /^requests by a token of system:bootstrappers:joinery:node are approved/,
    remedy: [/./],
    changes: 1
  },
  {
    when: 'everybody who signed in, by the role for it',
    found: judgeAutoApproval(
      [{ group: 'system:bootstrappers', reason: 'r' }],
      [clusterBinding('all', nodeclient, group('system:authenticated'))]
    ),
    verdict: 'fail',
    says: /any bootstrap token/,
    remedy: ['kubectl delete clusterrolebinding all'],
    changes: 1
  },
  {
    when: 'a wider role, which is for a person',
    found: judgeAutoApproval(
      [{ group: 'system:bootstrappers', reason: 'allowed by "oops" of cluster-admin\nreboot' }],
      [clusterBinding('oops', 'cluster-admin', group('system:authenticated'))]
    ),
    verdict: 'fail',
    says: /oops/,
    remedy: [/^# /, 'kubectl get clusterrolebindings --output wide']
  },
  {
    when: 'a binding in a namespace gives nothing here',
    found: judgeAutoApproval(
      [{ group: 'system:bootstrappers', reason: 'r' }],
      [{ ...byEverybody, kind: 'RoleBinding' }]
    ),
    verdict: 'fail',
    says: /any/,
    remedy: [/^#/, /^kubectl get/]
  },
  {
    when: 'a name that is no word of a shell',
    found: judgeAutoApproval([{ group: 'system:bootstrappers:x', reason: 'r' }], [hostile]),
    verdict: 'fail',
    says: /system:bootstrappers:x/,
    remedy: ["kubectl delete clusterrolebinding 'a'\\''; reboot #'"],
    changes: 1
  }
])

table('bootstrap-tokens', [
  { when: 'none', found: judgeTokens([], now), verdict: 'pass', says: /there is no bootstrap token/ },
  { when: 'of kubeadm', found: judgeTokens([token('aaaaaa')], now), verdict: 'pass', says: /1 token, none for more/ },
  {
    when: 'with clocks that differ by seconds',
    found: judgeTokens([token('aaaaaa', { expires: new Date(hours(24).getTime() + 30_000) })], now),
    verdict: 'pass',
    says: /1 token/
  },
  {
    when: 'without end',
    found: judgeTokens([token('aaaaaa', { expires: undefined }), token('bbbbbb')], now),
    verdict: 'fail',
    says: /^token aaaaaa never expires: anybody who has it signs in as system:bootstrappers, .*default-node-token and vouches for cluster-info$/,
    remedy: ['kubectl --namespace kube-system delete secret bootstrap-token-aaaaaa'],
    changes: 1
  },
  {
    when: 'of a week',
    found: judgeTokens([token('aaaaaa', { expires: hours(168), usages: ['signing'] })], now),
    verdict: 'warn',
    says: /^token aaaaaa lives until 2026-12-02T12:00:00.000Z: anybody who has it vouches for cluster-info$/,
    remedy: [/bootstrap-token-aaaaaa$/],
    changes: 1
  },
  {
    when: 'of a week, with hours left',
    found: judgeTokens([token('aaaaaa', { created: hours(-165), expires: hours(3) })], now),
    verdict: 'warn',
    says: /aaaaaa lives until/,
    remedy: [/aaaaaa$/],
    changes: 1
  },
  {
    when: 'over, not yet swept away',
    found: judgeTokens([token('aaaaaa', { created: hours(-200), expires: hours(-1) })], now),
    verdict: 'pass',
    says: /no bootstrap token/
  },
  {
    when: 'with an end that nobody can read, by which nobody is let in',
    found: judgeTokens([token('aaaaaa', { expires: 'invalid' })], now),
    verdict: 'pass',
    says: /no bootstrap token/
  },
  {
    when: 'good for nothing, as that which keeps kubeadm-certs',
    found: judgeTokens([token('aaaaaa', { expires: undefined, usages: [] })], now),
    verdict: 'pass',
    says: /no bootstrap token/
  },
  {
    when: 'of two kinds, without end first',
    found: judgeTokens([token('bbbbbb', { expires: hours(48) }), token('aaaaaa', { expires: undefined })], now),
    verdict: 'fail',
    says: /^token aaaaaa never.*; token bbbbbb lives/,
    remedy: [/aaaaaa$/, /bbbbbb$/],
    changes: 2
  },
  {
    when: 'many: a person reads five, and harden takes all',
    found: judgeTokens(
      [...'abcdefg'].map((letter) => token(letter.repeat(6), { expires: undefined })),
      now
    ),
    verdict: 'fail',
    says: /eeeeee never expires.*; and 2 more$/,
    remedy: [/a$/, /b$/, /c$/, /d$/, /e$/, /f$/, /g$/],
    changes: 7
  }
])

const bootstrapSigner = 'kubeadm:bootstrap-signer-clusterinfo'
const publicInfo = binding('kube-public', bootstrapSigner, bootstrapSigner, user('system:anonymous'))
table('cluster-info', [
  {
    when: 'private',
    found: judgeClusterInfo(undefined, []),
    verdict: 'pass',
    says: /^nobody reads cluster-info without a credential/
  },
  {
    when: "public by kubeadm's binding",
    found: judgeClusterInfo('allowed by B', [publicInfo]),
    verdict: 'warn',
    says: /is public: allowed by B/,
    remedy: ['kubectl --namespace kube-public delete rolebinding kubeadm:bootstrap-signer-clusterinfo'],
    changes: 1
  },
  {
    when: 'public by another one',
    found: judgeClusterInfo('allowed by C', [{ ...publicInfo, name: 'other' }]),
    verdict: 'warn',
    says: /allowed by C/,
    remedy: [/^# take system:anonymous/, /^kubectl --namespace kube-public get rolebindings/]
  },
  {
    when: 'a binding of that name in another namespace is somebody else',
    found: judgeClusterInfo('r', [{ ...publicInfo, namespace: 'default' }]),
    verdict: 'warn',
    says: /public/,
    remedy: [/^#/, /get rolebindings/]
  }
])

const certs = { ...token('x'), name: 'kubeadm-certs', created: hours(-1) }
table('kubeadm-certs', [
  { when: 'gone', found: judgeKubeadmCerts(undefined), verdict: 'pass', says: /no Secret/ },
  {
    when: 'with an end',
    found: judgeKubeadmCerts({ ...certs, owned: true }),
    verdict: 'warn',
    says: /since 2026-11-25T11:00:00.000Z; Kubernetes deletes it with the token/,
    remedy: ['kubectl --namespace kube-system delete secret kubeadm-certs'],
    changes: 1
  },
  {
    when: 'without end',
    found: judgeKubeadmCerts({ ...certs, owned: false }),
    verdict: 'fail',
    says: /nothing deletes it/,
    remedy: [/kubeadm-certs$/],
    changes: 1
  }
])

const kubeadmFlags = { 'enable-admission-plugins': 'NodeRestriction', 'authorization-mode': 'Node,RBAC' }
table('node-restriction', [
  { when: 'out of sight', found: judgeNodeRestriction([]), verdict: 'skipped', says: /shows no Pod of kube-apiserver/ },
  { when: 'on', found: judgeNodeRestriction([pod(kubeadmFlags)]), verdict: 'pass', says: /is on: kube-apiserver-cp-1/ },
  {
    when: 'on, beside others',
    found: judgeNodeRestriction([pod({ ...kubeadmFlags, 'enable-admission-plugins': 'PodSecurity, NodeRestriction' })]),
    verdict: 'pass',
    says: /on/
  },
  {
    when: 'off on one of two',
    found: judgeNodeRestriction([pod(kubeadmFlags), pod({ 'authorization-mode': 'Node,RBAC' }, 'kube-apiserver-cp-2')]),
    verdict: 'fail',
    says: /is off: kube-apiserver-cp-2$/,
    remedy: [/^# .*--enable-admission-plugins/]
  },
  {
    when: 'on and taken back',
    found: judgeNodeRestriction([pod({ ...kubeadmFlags, 'disable-admission-plugins': 'NodeRestriction' })]),
    verdict: 'fail',
    says: /off/,
    remedy: [/^# /]
  },
  {
    when: 'a plugin whose name only begins so',
    found: judgeNodeRestriction([pod({ ...kubeadmFlags, 'enable-admission-plugins': 'NodeRestrictionX' })]),
    verdict: 'fail',
    says: /off/,
    remedy: [/^# /]
  },
  {
    when: 'without the authorizer of nodes',
    found: judgeNodeRestriction([pod({ ...kubeadmFlags, 'authorization-mode': 'RBAC' })]),
    verdict: 'fail',
    says: /the Node authorizer is off/,
    remedy: [/^# .*--authorization-mode=Node,RBAC/]
  },
  {
    when: 'authorizers in a file, out of sight',
    found: judgeNodeRestriction([
      pod({ 'enable-admission-plugins': 'NodeRestriction', 'authorization-config': '/etc/kubernetes/a.yaml' })
    ]),
    verdict: 'pass',
    says: /on/
  }
])

const signer = (flags: Record<string, string>) => pod(flags, 'kube-controller-manager-cp-1')
const kcm = { controllers: '*,bootstrapsigner,tokencleaner', 'cluster-signing-cert-file': '/etc/kubernetes/pki/ca.crt' }
const csr = { name: 'csr-1', approved: hours(-1), refused: false, issued: true }
table('certificate-signer', [
  { when: 'out of sight', found: judgeSigner([], [], now), verdict: 'skipped', says: /no Pod.*no request/ },
  { when: 'out of sight, and at work', found: judgeSigner([csr], [], now), verdict: 'pass', says: /is signed/ },
  { when: 'as kubeadm sets it up', found: judgeSigner([], [signer(kcm)], now), verdict: 'pass', says: /signs/ },
  {
    when: 'approved an hour ago',
    found: judgeSigner([csr, { ...csr, name: 'csr-2', issued: false }], [signer(kcm)], now),
    verdict: 'fail',
    says: /approved and not signed: csr-2$/,
    remedy: [/^# with an external CA/, /^# /, /^kubectl .*controller-manager$/]
  },
  {
    when: 'approved just now',
    found: judgeSigner([{ ...csr, approved: new Date(now.getTime() - 59_000), issued: false }], [signer(kcm)], now),
    verdict: 'pass',
    says: /signs/
  },
  {
    when: 'denied, or malformed',
    found: judgeSigner([{ ...csr, issued: false, refused: true }], [signer(kcm)], now),
    verdict: 'pass',
    says: /signs/
  },
  {
    when: 'waiting for an approval',
    found: judgeSigner([{ ...csr, approved: undefined, issued: false }], [signer(kcm)], now),
    verdict: 'pass',
    says: /signs/
  },
  {
    when: 'external CA',
    found: judgeSigner([], [signer({ ...kcm, 'cluster-signing-cert-file': '' })], now),
    verdict: 'fail',
    says: /does not sign: kube-controller-manager-cp-1/,
    remedy: [/^#/, /^#/, /^kubectl/]
  },
  {
    when: 'a CA for kubelets alone',
    found: judgeSigner([], [signer({ 'cluster-signing-kubelet-client-cert-file': '/ca.crt' })], now),
    verdict: 'pass',
    says: /signs/
  },
  {
    when: 'turned off, by either name',
    found: judgeSigner([], [signer({ ...kcm, controllers: '*,-csrsigning' })], now),
    verdict: 'fail',
    says: /does not sign/,
    remedy: [/^#/, /^#/, /^kubectl/]
  },
  {
    when: 'left out of a list',
    found: judgeSigner([], [signer({ ...kcm, controllers: 'nodeipam' })], now),
    verdict: 'fail',
    says: /does not sign/,
    remedy: [/^#/, /^#/, /^kubectl/]
  }
])

const viewer = clusterBinding(
  'system:public-info-viewer',
  'system:public-info-viewer',
  group('system:authenticated'),
  group('system:unauthenticated')
)
/** An API server with --authentication-config, and the text of that file if it is in sight. */
const byFile = (text: string | undefined, name = 'kube-apiserver-cp-1') => ({
  ...pod({ 'authentication-config': '/etc/kubernetes/authn.yaml' }, name),
  ...(text !== undefined && { authentication: text })
})
table('anonymous-auth', [
  { when: 'stock', found: judgeAnonymous([viewer, publicInfo], []), verdict: 'pass', says: /health and version/ },
  {
    when: 'off',
    found: judgeAnonymous(
      [clusterBinding('oops', 'cluster-admin', user('system:anonymous'))],
      [pod({ 'anonymous-auth': 'false' })]
    ),
    verdict: 'pass',
    says: /^the API server lets nobody in without a credential$/
  },
  {
    when: 'off on one API server of two',
    found: judgeAnonymous(
      [clusterBinding('oops', 'cluster-admin', user('system:anonymous'))],
      [pod({ 'anonymous-auth': 'false' }), pod({})]
    ),
    verdict: 'fail',
    says: /ClusterRole cluster-admin, by oops/,
    remedy: ['kubectl delete clusterrolebinding oops']
  },
  {
    when: 'limited by a file to health and cluster-info',
    found: judgeAnonymous(
      [clusterBinding('oops', 'cluster-admin', user('system:anonymous'))],
      [byFile('anonymous: {enabled: true, conditions: [{path: /livez}, {path: /readyz}]}')]
    ),
    verdict: 'pass',
    says: /whatever the bindings say$/
  },
  {
    when: 'limited by a file to more',
    found: judgeAnonymous(
      [clusterBinding('oops', 'cluster-admin', user('system:anonymous'))],
      [byFile('anonymous: {enabled: true, conditions: [{path: /livez}, {path: /api/v1/secrets}]}')]
    ),
    verdict: 'fail',
    says: /cluster-admin/,
    remedy: ['kubectl delete clusterrolebinding oops']
  },
  {
    when: 'limited by a file that is out of sight',
    found: judgeAnonymous([clusterBinding('oops', 'cluster-admin', user('system:anonymous'))], [byFile(undefined)]),
    verdict: 'fail',
    says: /cluster-admin/,
    remedy: ['kubectl delete clusterrolebinding oops']
  },
  {
    when: 'in a namespace, beside somebody who needs it',
    found: judgeAnonymous([binding('apps', 'read', 'reader', group('system:unauthenticated'), user('jane'))], []),
    verdict: 'fail',
    says: /Role reader, by read/,
    remedy: [/^# take system:anonymous and system:unauthenticated out of RoleBinding apps\/read$/]
  }
])

const health = 'anonymous: {enabled: true, conditions: [{path: /livez}, {path: /readyz}, {path: /healthz}]}'
const recommended = [/^# .*AuthenticationConfiguration.*{path: \/livez}/, /^# add .*cluster-info/, /^# mount it/]
table('anonymous-endpoints', [
  { when: 'out of sight', found: judgeEndpoints([]), verdict: 'skipped', says: /no Pod of kube-apiserver/ },
  {
    when: 'as kubeadm leaves it',
    found: judgeEndpoints([pod({})]),
    verdict: 'warn',
    says: /reach every path: kube-apiserver-cp-1$/,
    remedy: recommended
  },
  {
    when: 'off by the flag',
    found: judgeEndpoints([pod({ 'anonymous-auth': 'false' })]),
    verdict: 'pass',
    says: /nobody/
  },
  {
    when: 'off by the file',
    found: judgeEndpoints([byFile('anonymous: {enabled: false}')]),
    verdict: 'pass',
    says: /nobody/
  },
  {
    when: 'limited to health',
    found: judgeEndpoints([byFile(health), byFile(health, 'kube-apiserver-cp-2')]),
    verdict: 'pass',
    says: /^anybody without a credential reaches \/livez; \/readyz; \/healthz$/
  },
  {
    when: 'and cluster-info, for kubeadm join --token',
    found: judgeEndpoints([
      byFile('anonymous: {enabled: true, conditions: [{path: /api/v1/namespaces/kube-public/configmaps/cluster-info}]}')
    ]),
    verdict: 'pass',
    says: /cluster-info$/
  },
  {
    when: 'limited to more',
    found: judgeEndpoints([byFile('anonymous: {enabled: true, conditions: [{path: /livez}, {path: /version}]}')]),
    verdict: 'warn',
    says: /reach \/version$/,
    remedy: [/^# remove the paths that nobody needs/]
  },
  {
    when: 'a file that only has issuers of JWTs',
    found: judgeEndpoints([byFile('kind: AuthenticationConfiguration\njwt: []\n')]),
    verdict: 'warn',
    says: /every path/,
    remedy: recommended
  },
  {
    when: 'a file that lists no path',
    found: judgeEndpoints([byFile('anonymous: {enabled: true, conditions: []}')]),
    verdict: 'warn',
    says: /every path/,
    remedy: recommended
  },
  {
    when: 'a file that is on another host',
    found: judgeEndpoints([byFile(health), byFile(undefined, 'kube-apiserver-cp-2')]),
    verdict: 'skipped',
    says: /^look at anonymous\.conditions yourself: \/etc\/kubernetes\/authn\.yaml on cp-2 could not be read here$/
  },
  {
    when: 'a file that is broken',
    found: judgeEndpoints([byFile('anonymous: [')]),
    verdict: 'skipped',
    says: /yourself/
  },
  {
    when: 'one API server of two',
    found: judgeEndpoints([byFile(undefined), pod({}, 'kube-apiserver-cp-2')]),
    verdict: 'warn',
    says: /every path: kube-apiserver-cp-2$/,
    remedy: recommended
  }
])

const verifying = { 'kubelet-certificate-authority': '/etc/kubernetes/pki/ca.crt' }
table('kubelet-certificates', [
  { when: 'out of sight', found: judgeKubeletCertificates([], true), verdict: 'skipped', says: /no Pod/ },
  {
    when: 'as kubeadm leaves it',
    found: judgeKubeletCertificates([pod({})], false),
    verdict: 'warn',
    says: /^kube-apiserver takes any certificate that a kubelet shows: kube-apiserver-cp-1$/,
    remedy: [/^# have kubelets serve/, /^# after that, add --kubelet-certificate-authority/]
  },
  {
    when: 'serving certificates that nobody verifies',
    found: judgeKubeletCertificates([pod(verifying), pod({}, 'kube-apiserver-cp-2')], true),
    verdict: 'warn',
    says: /shows: kube-apiserver-cp-2; the serving certificates that the cluster issues protect nobody$/,
    remedy: [/^# when every kubelet serves .*--kubelet-certificate-authority/]
  },
  {
    when: 'verified',
    found: judgeKubeletCertificates([pod(verifying)], true),
    verdict: 'pass',
    says: /verifies kubelets/
  },
  {
    when: 'verified, and none to verify',
    found: judgeKubeletCertificates([pod(verifying)], false),
    verdict: 'warn',
    says: /kubelets that join .*: their logs and exec fail$/,
    remedy: [/serverTLSBootstrap: true/]
  }
])

const own = manifests({ credential: 'token', kubeProxy: true })
const server = { kind: 'ServiceAccount', namespace: 'joinery-system', name: 'joinery-server' }
const joineryOwn = own
  .filter(({ kind }) => /^(Cluster)?RoleBinding$/.test(kind))
  .map(({ kind, metadata }) => ({
    ...clusterBinding(metadata.name, 'any', server),
    kind: kind as 'RoleBinding',
    namespace: metadata.namespace ?? ''
  }))
const discovery = clusterBinding('system:discovery', 'system:discovery', group('system:authenticated'))
table('joinery-rights', [
  { when: 'its own', found: judgeRights([...joineryOwn, discovery, viewer], own), verdict: 'pass', says: /no other/ },
  {
    when: 'the account, by another binding',
    found: judgeRights([...joineryOwn, clusterBinding('more', 'cluster-admin', server)], own),
    verdict: 'fail',
    says: /^ClusterRoleBinding more gives ClusterRole cluster-admin to joinery-server$/,
    remedy: ['kubectl delete clusterrolebinding more']
  },
  {
    when: 'one of the same name in another namespace',
    found: judgeRights([binding('other', 'joinery-server', 'reader', server)], own),
    verdict: 'fail',
    says: /RoleBinding other\/joinery-server/,
    remedy: ['kubectl --namespace other delete rolebinding joinery-server']
  },
  {
    when: 'the account, by its other name',
    found: judgeRights(
      [clusterBinding('more', 'view', user('system:serviceaccount:joinery-system:joinery-server'))],
      own
    ),
    verdict: 'fail',
    says: /view to system:serviceaccount/,
    remedy: [/delete clusterrolebinding more$/]
  },
  {
    when: 'a namesake in another namespace is none of ours',
    found: judgeRights([clusterBinding('more', 'view', { ...server, namespace: 'default' })], own),
    verdict: 'pass',
    says: /no other/
  },
  {
    when: 'its namespace, and the tokens of machines',
    found: judgeRights(
      [
        clusterBinding('a', 'view', group('system:serviceaccounts:joinery-system')),
        clusterBinding('b', 'view', group('system:bootstrappers:joinery:node'), user('jane'))
      ],
      own
    ),
    verdict: 'fail',
    says: /a gives.*; ClusterRoleBinding b gives/,
    remedy: [/delete clusterrolebinding a$/, /^# see who needs ClusterRoleBinding b/]
  },
  {
    when: 'everybody, them among others',
    found: judgeRights([clusterBinding('all', 'view', group('system:authenticated'))], own),
    verdict: 'warn',
    says: /all gives ClusterRole view to system:authenticated/,
    remedy: [/^# see who needs/]
  },
  {
    when: 'a binding that only has the name of a stock one',
    found: judgeRights([clusterBinding('system:discovery', 'cluster-admin', group('system:authenticated'))], own),
    verdict: 'warn',
    says: /cluster-admin/,
    remedy: [/^# see who needs/]
  }
])

const served = (more: Partial<Record<ServedGroup, string[]>> = {}) =>
  new Map<ServedGroup, string[]>(
    servedGroups.map((name) => [
      name,
      more[name] ?? [
        'validatingadmissionpolicies',
        'validatingadmissionpolicybindings',
        'subjectaccessreviews',
        'certificatesigningrequests',
        'endpointslices'
      ]
    ])
  )
table('api-versions', [
  { when: 'new', found: judgeApiVersions('v1.37.2', served()), verdict: 'pass', says: /^Kubernetes v1.37.2$/ },
  { when: "a vendor's", found: judgeApiVersions('v1.30.0+k3s1', served()), verdict: 'pass', says: /k3s1/ },
  {
    when: 'too old',
    found: judgeApiVersions('v1.29.14', served()),
    verdict: 'fail',
    says: /v1.29.14 is too old/,
    remedy: ['kubeadm upgrade plan']
  },
  {
    when: 'with an API turned off',
    found: judgeApiVersions('v1.37.2', served({ 'admissionregistration.k8s.io/v1': [] })),
    verdict: 'fail',
    says: /does not serve validatingadmissionpolicies.admissionregistration.k8s.io\/v1; valid/,
    remedy: [/^# .*--runtime-config/]
  }
])

t.test('each check has a name of its own, and says why it matters', async (t) => {
  const names = clusterChecks.map(({ name }) => name)
  t.equal(new Set(names).size, names.length)
  for (const { name, why } of clusterChecks) {
    t.match(name, /^[a-z-]+$/, name)
    t.match(why, /^[a-z].*[^.]$/, name)
  }
})
