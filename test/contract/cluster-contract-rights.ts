import { randomBytes } from 'node:crypto'
import { serverUsername } from '@joinery/kube/names'
import { eventually } from '@joinery/testing/clocks/eventually'
import { makeToken, type OpenCluster, pendingCsr, unique } from '@joinery/testing/cluster/cluster-fixture'
import type { BindingName } from '@joinery/testing/cluster/world/cluster-world'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import type { Test } from 'tap'

type Call = [what: string, call: () => Promise<unknown>]

/** What the server is refused where somebody has deleted a binding of its rights, and what goes on all the same. */
export const rightsContract = async (t: Test, open: OpenCluster): Promise<void> => {
  const { cluster, world } = open
  const token = {
    id: randomBytes(3).toString('hex'),
    secret: 'f'.repeat(16),
    group: 'system:bootstrappers:joinery:node',
    expires: new Date(Date.now() + 60_000),
    description: t.name
  }
  const node = { name: unique('node'), uid: unique('uid') }
  const { request } = await kubeletRequest(node.name)
  const csr = { name: `joinery-${unique('csr')}`, request }

  const isForbidden = (error: unknown): boolean => error instanceof Error && error.message.includes('(403)')

  /** `refused`: each of these, in the words of the API server, which name who lacks the right to what. `allowed`: all of these. */
  const without = (binding: BindingName, refused: readonly [...Call, resource: string][], allowed: readonly Call[]) =>
    t.test(
      `without ${binding.name} in ${binding.namespace ?? 'the cluster'} only its own calls are forbidden`,
      async (t) => {
        const [first] = refused
        const isRefused = () =>
          first?.[1]().then(
            () => false,
            (error: unknown) => isForbidden(error)
          )
        const undo = await world.unbindRole(binding)
        const giveBack = async (): Promise<void> => {
          await undo()
          await eventually('the right is back', async () => !(await isRefused()))
        }
        t.teardown(giveBack)
        // the authorizer follows a moment later
        await eventually('the right is gone', async () => isRefused())
        for (const [what, call, resource] of refused) {
          const words = `the API server forbids it (403): `
          const error = await call().catch((error: Error) => error)
          t.match(
            error,
            { code: 'cluster-unavailable', message: words, text: { remedy: /joinery-server setup/ } },
            what
          )
          t.match(error, { message: `User "${serverUsername}" cannot ` }, what)
          t.match(error, { message: resource }, what)
        }
        for (const [what, call] of allowed) await t.resolves(call(), what)
        await giveBack()
      }
    )

  const lists: Call[] = [
    ['kubeletCsrs', () => cluster.kubeletCsrs()],
    ['servingCsrs', () => cluster.servingCsrs()],
    ['nodes', () => cluster.nodes()]
  ]
  const bans: Call[] = [
    ['ban', () => cluster.ban(node.name, 'contract')],
    ['bans', () => cluster.bans()],
    ['unban', () => cluster.unban(node.name)]
  ]

  await without(
    { name: 'joinery-bootstrap-tokens', namespace: 'kube-system' },
    [
      ['deleteToken', () => cluster.deleteToken(token.id), 'delete resource "secrets" in API group ""'],
      ['createToken', () => cluster.createToken(token), 'create resource "secrets"']
    ],
    [['version', () => cluster.version()], ...lists, ...bans]
  )

  await without(
    { name: 'joinery-server', namespace: 'joinery-system' },
    bans.map(([what, call]) => [what, call, 'resource "configmaps" in API group "" in the namespace "joinery-system"']),
    [...lists, ['deleteToken', () => cluster.deleteToken(token.id)]]
  )

  await without(
    { name: 'joinery-server', namespace: 'kube-node-lease' },
    [
      [
        'settleBannedLeases',
        () => cluster.settleBannedLeases([], 0),
        'list resource "leases" in API group "coordination.k8s.io" in the namespace "kube-node-lease"'
      ]
    ],
    [...lists, ...bans]
  )

  await without(
    { name: 'joinery-server', namespace: 'kube-system' },
    [
      ['endpoint', () => cluster.endpoint(), 'get resource "configmaps"'],
      ['publishedEndpoint', () => cluster.publishedEndpoint(), 'get resource "configmaps"'],
      ['network', () => cluster.network(), 'get resource "configmaps"'],
      ['apiHosts', () => cluster.apiHosts(), 'get resource "configmaps"']
    ],
    [...lists, ...bans, ['nodeConfiguration', () => cluster.nodeConfiguration()]]
  )

  await without(
    { name: 'joinery-server' },
    [
      ...lists.map(([what, call]): [...Call, string] => [what, call, 'at the cluster scope']),
      ['ownCsr', () => cluster.ownCsr(csr.name), 'get resource "certificatesigningrequests"'],
      ['createOwnCsr', () => cluster.createOwnCsr(csr), 'create resource "certificatesigningrequests"'],
      ['deleteOwnCsr', () => cluster.deleteOwnCsr(csr.name), 'delete resource "certificatesigningrequests"'],
      [
        'approveCsr',
        () => cluster.approveCsr({ ...csr, uid: node.uid }),
        'get resource "certificatesigningrequests" in API group "certificates.k8s.io"'
      ],
      ['denyCsr', () => cluster.denyCsr({ ...csr, uid: node.uid }), 'get resource "certificatesigningrequests"'],
      ['nameHolder', () => cluster.nameHolder(node.name), 'get resource "nodes"'],
      ['boundPods', () => cluster.boundPods(node.name), 'list resource "pods"'],
      ['setLabelsAndTaints', () => cluster.setLabelsAndTaints(node, { labels: {}, taints: [] }), 'resource "nodes"'],
      ['deleteNode', () => cluster.deleteNode(node), 'delete resource "nodes"'],
      ['autoApproval', () => cluster.autoApproval(token.group), 'create resource "subjectaccessreviews"']
    ],
    [
      ['version, which everybody may ask for', () => cluster.version()],
      ['bans', () => cluster.bans()],
      ['deleteToken', () => cluster.deleteToken(token.id)]
    ]
  )

  await t.test('a missing right that a dry run proves is named as a gap', async (t) => {
    await pendingCsr(t, open, unique('node'))
    await makeToken(t, open)
    const undo = await world.unbindRole({ name: 'joinery-bootstrap-tokens', namespace: 'kube-system' })
    t.teardown(undo)
    const rights = { credential: 'token', serving: open.serving === true } as const
    const gaps = () => cluster.policyGaps('joinery-bootstrap-tokens', rights, new Date())
    const named = await eventually('it is named', async () => {
      const found = await gaps()
      return found.length === 6 && found
    })
    for (const gap of named) t.match(gap, /is refused(?: by something else)?: secrets is forbidden: User/, gap)
    await undo()
    await eventually('it holds again', async () => (await gaps()).length === 0)
  })
}
