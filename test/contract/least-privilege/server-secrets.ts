import { commandGroup, workerGroup } from '@joinery/kube/names'
import { tokenSecret } from '@joinery/server/testing/kubernetes'
import { type Bystanders, kubeadmGroup } from './bystanders.ts'
import { byPolicy, type Forbidden, inNamespace, mergePatch, unauthorized } from './forbidden.ts'

const minute = 60_000
const refused = byPolicy('joinery-bootstrap-tokens')
const secrets = inNamespace('kube-system', 'secrets')

/** The server makes and deletes bootstrap tokens of its own groups, for minutes, and reads none. */
export const serverSecrets = ({ secret, kubeadmToken }: Bystanders): Forbidden[] => {
  const own = tokenSecret({
    id: 'aaaaaa',
    secret: 'a'.repeat(16),
    group: workerGroup,
    expires: new Date(Date.now() + 10 * minute),
    description: 'dry run'
  })
  const make = (what: string, body: object) => refused(what, 'POST', secrets, { body })
  const token = (what: string, differs: Record<string, string>) =>
    make(what, { ...own, stringData: { ...own.stringData, ...differs } })
  const { expiration: _, ...endless } = own.stringData
  const { 'auth-extra-groups': __, ...ungrouped } = own.stringData
  const another = (type: string, stringData: Record<string, string>, annotations = {}) => ({
    ...own,
    metadata: { ...own.metadata, name: 'any', annotations },
    type,
    stringData
  })
  return [
    unauthorized('read a Secret', 'GET', `${secrets}/${secret}`),
    unauthorized('read a bootstrap token, its own one', 'GET', `${secrets}/${own.metadata.name}`),
    unauthorized('list the Secrets of kube-system', 'GET', secrets),
    unauthorized('list the Secrets of all namespaces', 'GET', '/api/v1/secrets'),
    unauthorized('watch Secrets', 'GET', `${secrets}?watch=1&timeoutSeconds=1`),
    unauthorized('update a Secret', 'PUT', `${secrets}/${secret}`),
    unauthorized('patch a Secret', 'PATCH', `${secrets}/${secret}`, mergePatch({ data: {} })),
    unauthorized('delete all Secrets at once', 'DELETE', secrets),
    unauthorized('make a Secret in another namespace', 'POST', inNamespace('default', 'secrets')),
    unauthorized('delete a Secret of another namespace', 'DELETE', inNamespace('default', 'secrets/any')),

    refused('delete a Secret of another kind', 'DELETE', `${secrets}/${secret}`),
    refused("delete a token of kubeadm's group", 'DELETE', `${secrets}/${kubeadmToken}`),
    make('make a Secret of any kind', another('Opaque', { a: 'b' })),
    make(
      'make a token of a ServiceAccount',
      another('kubernetes.io/service-account-token', {}, { 'kubernetes.io/service-account.name': 'default' })
    ),
    make('make a TLS certificate', another('kubernetes.io/tls', { 'tls.crt': 'a', 'tls.key': 'b' })),
    make('make a registry login', another('kubernetes.io/dockerconfigjson', { '.dockerconfigjson': '{}' })),
    make('make a Secret that only looks like a token', { ...own, type: 'Opaque' }),
    make('make a token by another name', { ...own, metadata: { ...own.metadata, name: 'bootstrap-token-aaaaaaa' } }),
    token("make a token of kubeadm's group", { 'auth-extra-groups': kubeadmGroup }),
    token("make a token of its own group and of kubeadm's", { 'auth-extra-groups': `${workerGroup},${kubeadmGroup}` }),
    token('make a token of two of its groups', { 'auth-extra-groups': `${workerGroup},${commandGroup}` }),
    token('make a token of a group like its own', { 'auth-extra-groups': `${workerGroup}s` }),
    make('make a token of no group', { ...own, stringData: ungrouped }),
    token('make a token for an attempt that signs cluster-info', { 'usage-bootstrap-signing': 'true' }),
    make('make a token that never expires', { ...own, stringData: endless }),
    token('make a token that lives for a day', {
      expiration: `${new Date(Date.now() + 24 * 60 * minute).toISOString().slice(0, 19)}Z`
    }),
    token('make a token with a time in another form', {
      expiration: new Date(Date.now() + 10 * minute).toISOString().replace('Z', '+00:00')
    })
  ]
}
