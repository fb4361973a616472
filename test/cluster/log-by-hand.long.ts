import t from 'tap'
import { aroundOf } from './servers/by-hand/around.ts'
import { documentPutBack } from './servers/by-hand/documents.ts'
import { versionsBesideEachOther } from './servers/by-hand/formats.ts'
import { headByHand } from './servers/by-hand/head.ts'
import { kindsDeleted } from './servers/by-hand/kinds.ts'
import { leaseByHand } from './servers/by-hand/lease.ts'
import { refusedBySomebody } from './servers/by-hand/refused.ts'
import { etcdPutBack } from './servers/by-hand/restored.ts'
import { openServers } from './servers/open-servers.ts'

t.setTimeout(0)

/** Three pairing servers on a real API server, and what people do to the objects that the servers share: by hand, and with gates. */
const around = aroundOf(await openServers(t))

t.test('a webhook or a policy of somebody refuses: its name is told, and all goes on after it', (t) =>
  refusedBySomebody(t, around)
)

t.test('the head edited by hand: refused, or the end of the active server', (t) => headByHand(t, around))

t.test('a document put back by hand: written again, or refused at a take-over', (t) => documentPutBack(t, around))

t.test('the kinds of the log deleted: nothing is acknowledged, and this host has it all', (t) =>
  kindsDeleted(t, around)
)

t.test('the Lease edited by hand: never two are active, and one is again', (t) => leaseByHand(t, around))

t.test('etcd put back while no server runs: refused, and each way on is tried', (t) => etcdPutBack(t, around))

t.test('versions beside each other: they take turns, or the older one stays passive and says so', (t) =>
  versionsBesideEachOther(t, around)
)
