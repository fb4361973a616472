import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { type Identity, makeCertificate } from './certificates.ts'

/** A member as etcd's JSON shows it: fields without a value are left out. */
export interface WireMember {
  ID: string
  name?: string
  peerURLs: string[]
  clientURLs?: string[]
  isLearner?: boolean
}

export interface FakeEtcd {
  url: string
  ca: Identity
  members: WireMember[]
  /** HTTP status and body to answer in place of what was asked. */
  broken: { status: number; body: string } | undefined
  /** Id of the leader. `0` if there is no quorum. */
  leader: string
  asked: string[]
}

/** One member of an etcd on loopback. It accepts only certificates of its own CA, and answers as etcd 3.6 does. */
export const fakeEtcd = async (t: Test): Promise<FakeEtcd> => {
  const ca = await makeCertificate({ name: 'etcd-ca' })
  const leaf = await makeCertificate({ name: 'cp-1', issuer: ca, address: '127.0.0.1' })
  const fake: FakeEtcd = { url: '', ca, members: [], broken: undefined, leader: '10501334649042878790', asked: [] }
  const header = { cluster_id: '14841639068965178418', member_id: '10276657743932975437', raft_term: '2' }
  const answer = (path: string, body: string): { status: number; body: string } => {
    const ok = (message: object) => ({ status: 200, body: JSON.stringify({ header, ...message }) })
    switch (path) {
      case '/v3/cluster/member/list':
        return ok({ members: fake.members })
      case '/v3/maintenance/status':
        return ok({ version: '3.6.6', ...(fake.leader !== '0' && { leader: fake.leader }) })
      case '/v3/cluster/member/remove': {
        const { ID } = JSON.parse(body) as { ID: string }
        const there = fake.members.some((member) => member.ID === ID)
        fake.members = fake.members.filter((member) => member.ID !== ID)
        return there ? ok({ members: fake.members }) : gone
      }
      default:
        return { status: 404, body: '404 page not found\n' }
    }
  }
  const server = createServer({ ...leaf, ca: ca.cert, requestCert: true }, async (request, response) => {
    const chunks = await request.toArray()
    const body = Buffer.concat(chunks).toString()
    fake.asked.push(`${request.method} ${request.url} ${body}`)
    const { status, body: text } = fake.broken ?? answer(request.url ?? '', body)
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  fake.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  return fake
}

const gone = { status: 404, body: '{"code":5,"message":"etcdserver: member not found","details":[]}' }
export const noQuorum = { status: 503, body: '{"code":14,"message":"etcdserver: request timed out","details":[]}' }
