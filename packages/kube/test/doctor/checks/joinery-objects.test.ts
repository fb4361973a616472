import { isDeepStrictEqual } from 'node:util'
import { now } from '@joinery/testing/cluster/doctor-objects'
import t from 'tap'
import { type Manifest, titleOf } from '../../../src/apply.ts'
import { joineryObjects } from '../../../src/doctor/checks/joinery/joinery-objects.ts'
import type { ClusterSight } from '../../../src/doctor/sight.ts'
import { definitions, withEarlierVersion } from '../../../src/door/index.ts'
import { kubeProxyRole } from '../../../src/kube-proxy.ts'
import { manifests, outdated } from '../../../src/manifests/index.ts'

const forTokens = outdated({ credential: 'certificate', serving: true, diagnosis: true, log: true })
const forServing = outdated({ credential: 'token', diagnosis: true, log: true })
const forDiagnosis = outdated({ credential: 'token', serving: true, log: true })
const forLog = outdated({ credential: 'token', serving: true, diagnosis: true })
const logToo = manifests({ credential: 'certificate', kubeProxy: true, log: true })
const diagnosisToo = manifests({ credential: 'certificate', kubeProxy: true, diagnosis: true })
const servingToo = manifests({ credential: 'certificate', kubeProxy: true, serving: true })
const forBoth = manifests({ credential: 'certificate', kubeProxy: true })
const kubeProxyBinding = manifests({ credential: 'token', kubeProxy: true }).filter(
  (one) => !manifests({ credential: 'token', kubeProxy: false }).some((other) => isDeepStrictEqual(one, other))
)
const without = (some: readonly Manifest[], gone: readonly Manifest[]) => some.filter((one) => !gone.includes(one))

interface Row {
  when: string
  there: Manifest[]
  verdict: string
  says: RegExp
  /** What harden makes anew. */
  makes?: Manifest[]
}

const rows: Row[] = [
  {
    when: 'all objects',
    there: [...forBoth, ...forTokens, kubeProxyRole],
    verdict: 'pass',
    says: /credential: token$/
  },
  { when: 'nothing for tokens', there: forBoth, verdict: 'pass', says: /credential: certificate$/ },
  { when: 'nothing for tokens, beside kube-proxy', there: [...forBoth, kubeProxyRole], verdict: 'pass', says: /cert/ },
  { when: 'nothing of Joinery', there: [kubeProxyRole], verdict: 'skipped', says: /not set up/ },
  {
    when: 'only a part of the objects for both',
    there: forBoth.slice(1),
    verdict: 'fail',
    says: /^namespace\/joinery-system missing$/,
    makes: forBoth.slice(0, 1)
  },
  ...forTokens.map((one) => ({
    when: `only ${titleOf(one)} of the objects for tokens`,
    there: [...forBoth, one, kubeProxyRole],
    verdict: 'fail',
    says: / missing/,
    makes: without(forTokens, [one])
  })),
  {
    when: 'the objects for serving certificates too',
    there: servingToo,
    verdict: 'pass',
    says: /credential: certificate, servingCertificates: approve$/
  },
  ...forServing.map((one) => ({
    when: `only ${titleOf(one)} of the objects for serving certificates`,
    there: [...forBoth, one],
    verdict: 'fail',
    says: /joinery-csr-approvals missing/,
    makes: servingToo.filter((two) => ![...forBoth, one].some((there) => isDeepStrictEqual(two, there)))
  })),
  {
    when: 'the objects for diagnosis too',
    there: diagnosisToo,
    verdict: 'pass',
    says: /credential: certificate, diagnosis: on$/
  },
  ...forDiagnosis.map((one) => ({
    when: `only ${titleOf(one)} in ${one.metadata.namespace ?? 'the cluster'} of the objects for diagnosis`,
    there: [...forBoth, one],
    verdict: 'fail',
    says: /joinery-diagnosis missing/,
    makes: diagnosisToo.filter((two) => ![...forBoth, one].some((there) => isDeepStrictEqual(two, there)))
  })),
  {
    when: 'the objects for the log too',
    there: logToo,
    verdict: 'pass',
    says: /credential: certificate, store: cluster$/
  },
  {
    when: 'the kinds of the log, which setup leaves there, and no rights to them',
    there: logToo.filter((one) => !forLog.some((two) => isDeepStrictEqual(one, two))),
    verdict: 'pass',
    says: /credential: certificate$/
  },
  ...forLog.map((one) => ({
    when: `only ${titleOf(one)} of the rights to the log`,
    there: [...forBoth, one],
    verdict: 'fail',
    says: /logheads.log.joinery.dev missing/,
    makes: logToo.filter((two) => ![...forBoth, one].some((there) => isDeepStrictEqual(two, there)))
  })),
  {
    when: 'tokens, and no kube-proxy to be bound',
    there: [...forBoth, ...forTokens.filter((one) => !kubeProxyBinding.some((two) => isDeepStrictEqual(one, two)))],
    verdict: 'pass',
    says: /credential: token$/
  }
]

for (const { when, there, verdict, says, makes = [] } of rows) {
  t.test(`the check says ${verdict} for a cluster with ${when}`, async (t) => {
    const sight: Pick<ClusterSight, 'object'> = {
      object: async (manifest) => there.find((one) => isDeepStrictEqual(one, manifest))
    }
    const found = await joineryObjects.run(sight as ClusterSight, now)
    t.match(found, { verdict, finding: says })
    const made = found.changes.map((change) => (change.verb === 'enforce' ? change.manifest : undefined))
    t.equal(made.length, makes.length)
    for (const one of makes)
      t.ok(
        made.some((manifest) => isDeepStrictEqual(manifest, one)),
        titleOf(one)
      )
  })
}

t.test(
  'O3: a cluster whose objects are not moved yet needs setup, and harden leaves its definitions alone',
  async (t) => {
    const before = (one: Manifest): Manifest => {
      const { spec, ...rest } = withEarlierVersion(one) as Manifest & { spec: { versions: { name: string }[] } }
      return {
        ...rest,
        spec: { ...spec, versions: spec.versions.filter(({ name }) => name === 'v1alpha1') }
      } as Manifest
    }
    for (const bend of [before, withEarlierVersion]) {
      const bent = new Set(definitions.map(titleOf))
      const sight: Pick<ClusterSight, 'object'> = {
        object: async (manifest) => {
          if (bent.has(titleOf(manifest))) return bend(manifest)
          return forBoth.find((one) => isDeepStrictEqual(one, manifest))
        }
      }
      const found = await joineryObjects.run(sight as ClusterSight, now)
      t.match(found, {
        verdict: 'fail',
        finding: /customresourcedefinition.apiextensions.k8s.io\/enrolments.joinery.dev still serves v1alpha1;/,
        changes: { length: 0 }
      })
      t.same(found.remedy, ['joinery-server setup --kubeconfig /etc/kubernetes/admin.conf'])
    }
  }
)
