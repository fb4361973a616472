import { deletionAnnotation } from '@joinery/kube/door'
import { logGroup, logVersion } from '@joinery/kube/log'
import { namespace, tokenGroups } from '@joinery/kube/names'
import { eventually } from '@joinery/testing/clocks/eventually'
import { attemptCertificate, makeToken, refusal, unique } from '@joinery/testing/cluster/cluster-fixture'
import { type ApiIdentity, apiClient } from '@joinery/testing/cluster/world/api-client'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import type { Test } from 'tap'
import { banListOfOthers, banListPath } from './least-privilege/ban-list.ts'
import { bannedNode, makeBanned, withLease } from './least-privilege/banned.ts'
import { makeBystanders } from './least-privilege/bystanders.ts'
import { type Forbidden, mergePatch, rbacPath } from './least-privilege/forbidden.ts'
import { certificateHolder, kubeletRequests, tokenHolder } from './least-privilege/joining.ts'
import { serverCsrs } from './least-privilege/server-csrs.ts'
import { serverDoor } from './least-privilege/server-door.ts'
import { serverLeases } from './least-privilege/server-leases.ts'
import { serverLog, serverOnLog } from './least-privilege/server-log.ts'
import { serverNodes } from './least-privilege/server-nodes.ts'
import { serverOthers } from './least-privilege/server-others.ts'
import { serverSecrets } from './least-privilege/server-secrets.ts'
import type { OpenSides } from './real-cluster.ts'

/**
 * What Joinery's credentials are refused in a cluster that `joinery-server setup` has set up for tokens: the server's own,
 * and those of a machine that joins. Each row is one request, by dry run, and who refuses it. `isServers`: the server's own alone.
 */
export const leastPrivilege = (t: Test, open: () => Promise<OpenSides>, isServers = false): Promise<unknown> =>
  t.test('each credential has only the rights that it needs', async (t) => {
    const opened = await open()
    const { access, administrator, server } = opened
    const [admin, own] = [apiClient(access, administrator), apiClient(access, server)]
    t.teardown(async () => {
      await admin.close()
      await own.close()
      await opened.close()
    })

    const isRefused = async (t: Test, identity: ApiIdentity, rows: readonly Forbidden[]): Promise<void> => {
      const client = apiClient(access, identity)
      t.teardown(() => client.close())
      // a new token takes the API server a moment
      await eventually('it is let in', async () => (await refusal(() => client.get('/version'))) === undefined)
      for (const { what, refusal: expected, ...request } of rows) {
        const refused = await refusal(() => client.send({ ...request, path: byDryRun(request) }))
        t.match(refused, expected, `cannot ${what}`)
      }
    }
    const { id: tokenId, secret: tokenSecret } = await makeToken(t, opened)
    const joining = apiClient(access, { token: `${tokenId}.${tokenSecret}` })
    t.teardown(() => joining.close())
    await eventually('it is let in', async () => (await refusal(() => joining.get('/version'))) === undefined)
    const bystanders = await makeBystanders(t, admin, own, joining)

    await t.test("the holder of the server's credential is refused everything else", async (t) => {
      const { request } = await kubeletRequest(bystanders.worker)
      const rows = [
        serverSecrets(bystanders),
        serverCsrs(bystanders, request, opened.serving === true),
        serverNodes(bystanders),
        serverLeases(bystanders, opened.diagnosis === true),
        serverDoor,
        serverLog,
        serverOthers
      ]
      await isRefused(t, server, rows.flat())
    })
    if (isServers) return

    for (const group of tokenGroups)
      await t.test(`the holder of a token of ${group} is refused everything else`, async (t) => {
        const { id, secret } = await makeToken(t, opened, { group })
        const token = `${id}.${secret}`
        await isRefused(t, { token }, await tokenHolder(bystanders, `bootstrap-token-${id}`))
        const client = apiClient(access, { token })
        t.teardown(() => client.close())
        for (const request of await kubeletRequests(bystanders.worker)) {
          const { metadata } = request.body as { metadata: object }
          t.equal(await refusal(() => client.send(request)), undefined, `C9: can ask as ${JSON.stringify(metadata)}`)
        }
      })

    await t.test('C4: nobody but the server writes or deletes the ban list', async (t) => {
      const [nina, name] = ['namespace-admin', unique('node')]
      const bindings = `${rbacPath}/namespaces/${namespace}/rolebindings`
      await admin.post(bindings, {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: nina },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: nina }]
      })
      await opened.cluster.ban(name, t.name)
      t.teardown(async () => {
        await admin.delete(`${bindings}/${nina}`)
        await admin.patch(banListPath, annotated(null))
        await opened.cluster.unban(name)
      })
      const asNina = { 'impersonate-user': nina }
      const mayAnnotate = { method: 'PATCH', path: `${banListPath}?dryRun=All`, ...mergePatch(annotated('true')) }
      await eventually('she may annotate it', async () => {
        return (await refusal(() => admin.send({ ...mayAnnotate, headers: asNina }))) === undefined
      })
      for (const [who, headers] of [['the administrator', {}] as const, ['she who has the namespace', asNina] as const])
        await t.test(who, (t) => isRefused(t, administrator, banListOfOthers(name, headers)))

      await admin.patch(banListPath, annotated('true'))
      const remove = { method: 'DELETE', path: `${banListPath}?dryRun=All` }
      t.match(await refusal(() => admin.send({ ...remove, headers: asNina })), { status: 422 }, 'she takes no ban list')
      t.equal(await refusal(() => admin.send(remove)), undefined, 'who may delete the namespace may, and says so first')
    })

    await t.test('the holder of the old certificate of a banned Node is refused', async (t) => {
      const banned = await makeBanned(t, opened, admin)
      const other = await makeBanned(t, opened, admin)
      const [client, bystander] = [apiClient(access, banned.holder), apiClient(access, other.holder)]
      t.teardown(() => client.close())
      t.teardown(() => bystander.close())
      for (const { what, refusal: _, ...request } of bannedNode(banned)) {
        const before = await refusal(() => client.send({ ...request, path: byDryRun(request) }))
        t.equal(before, undefined, `could ${what}`)
      }
      await opened.cluster.ban(banned.name, t.name)
      t.teardown(() => opened.cluster.unban(banned.name))
      const rows = bannedNode(await withLease(banned, client))
      await eventually('the ban is in force', async () =>
        (
          await Promise.all(rows.map((request) => refusal(() => client.send({ ...request, path: byDryRun(request) }))))
        ).every((refused) => refused !== undefined)
      )
      await isRefused(t, banned.holder, rows)
      for (const { what, refusal: _, ...request } of bannedNode(other)) {
        const path = byDryRun(request)
        t.equal(await refusal(() => bystander.send({ ...request, path })), undefined, `another one can ${what}`)
      }
    })

    await t.test('the holder of the certificate and key of a joining machine is refused everything else', async (t) => {
      const name = unique('node')
      await isRefused(t, await attemptCertificate(t, opened, name), await certificateHolder(bystanders, name))
    })
  })

const annotated = (value: 'true' | null) => ({ metadata: { annotations: { [deletionAnnotation]: value } } })

/** What the server's credential is refused if `setup` made it for `store: cluster`. */
export const leastPrivilegeOnLog = (t: Test, open: () => Promise<OpenSides>): Promise<unknown> =>
  t.test('the credential of a server whose store is in the cluster has only the rights to its log', async (t) => {
    const opened = await open()
    const client = apiClient(opened.access, opened.server)
    t.teardown(async () => {
      await client.close()
      await opened.close()
    })
    const documents = `/apis/${logGroup}/${logVersion}/namespaces/${namespace}/logdocuments`
    // the authorizer's caches follow a change
    await eventually('it may read documents', async () => (await refusal(() => client.get(documents))) === undefined)
    for (const { what, refusal: expected, ...request } of serverOnLog) {
      const refused = await refusal(() => client.send({ ...request, path: byDryRun(request) }))
      t.match(refused, expected, `cannot ${what}`)
    }
  })

/** What is let through all the same changes nothing. */
const byDryRun = ({ method, path }: Pick<Forbidden, 'method' | 'path'>): string =>
  method === 'GET' ? path : `${path}${path.includes('?') ? '&' : '?'}dryRun=All`
