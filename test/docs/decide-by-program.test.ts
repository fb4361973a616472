import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { pageFile, shellBlocks } from './page-files.ts'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/how-to/decide-by-program.md'), 'utf8')
const client = JSON.parse(readFileSync(join(root, 'packages/kube/package.json'), 'utf8')).dependencies

t.test('its account, its Deployment and its own name for itself are one', async (t) => {
  const objects = parseAllDocuments(pageFile(page, 'approver.yaml')).map((document) => document.toJS())
  const of = (kind: string) => objects.find((object) => object.kind === kind)
  const { name, namespace } = of('ServiceAccount').metadata
  t.match(pageFile(page, 'approver.mjs'), `'system:serviceaccount:${namespace}:${name}'`)
  t.match(of('ClusterRoleBinding').subjects, [{ kind: 'ServiceAccount', name, namespace }])
  t.match(of('ClusterRoleBinding').roleRef, { name: of('ClusterRole').metadata.name })
  t.match(of('Deployment'), { metadata: { namespace }, spec: { template: { spec: { serviceAccountName: name } } } })
  t.same(of('ClusterRole').rules, [
    { apiGroups: ['joinery.dev'], resources: ['enrolments'], verbs: ['get', 'list', 'watch', 'approve'] },
    { apiGroups: ['joinery.dev'], resources: ['decisions'], verbs: ['create'] }
  ])
  const names = new Set(objects.map(({ metadata }) => metadata.name))
  const deleted = /kubectl delete clusterrolebinding (\S+)/.exec(page)?.[1] ?? ''
  t.ok(names.has(deleted), deleted)
})

t.test('its image has the client that is tested, and the files of the page', async (t) => {
  const dockerfile = pageFile(page, 'Dockerfile')
  t.match(dockerfile, `@kubernetes/client-node@${client['@kubernetes/client-node']}\n`)
  t.match(dockerfile, /COPY approver\.mjs/)
  const objects = pageFile(page, 'approver.yaml')
  t.match(objects, '/approver/inventory')
  t.match(dockerfile, 'WORKDIR /approver\n')
  t.match(shellBlocks(page)[0], /create configmap inventory --from-file machines\.json/)
  t.match(objects, 'configMap: {name: inventory}')
})
