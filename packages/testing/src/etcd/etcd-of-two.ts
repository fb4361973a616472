import { issueClient } from '@joinery/agent/testing/machine'
import { etcdGateway } from '@joinery/etcd'
import type { Test } from 'tap'
import { fakeEtcd } from './fake-etcd.ts'

/** Ids of the two members, both beyond 2^53. The second member never started, and is at 192.0.2.9. */
export const memberIds = ['10276657743932975437', '14269282951459832195'] as const

/**
 * An etcd of two members, a client's certificate for it, and a function that opens it. The first endpoint does not
 * answer.
 */
export const etcdOfTwo = async (t: Test) => {
  const fake = await fakeEtcd(t)
  fake.members = [
    { ID: memberIds[0], name: 'cp-1', peerURLs: ['https://192.0.2.1:2380'], clientURLs: [fake.url] },
    { ID: memberIds[1], peerURLs: ['https://192.0.2.9:2380'], isLearner: true }
  ]
  const client = { ca: fake.ca.cert, ...(await issueClient({ cert: fake.ca.cert, key: fake.ca.key }, Date.now())) }
  const open = async () => etcdGateway(['https://127.0.0.1:1', fake.url], client)
  return { fake, client, open }
}
