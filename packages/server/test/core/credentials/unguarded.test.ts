import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Bans } from '../../../src/core/credentials/bans.ts'
import {
  type BanTurns,
  Giving,
  type guardCluster,
  type TakingAway
} from '../../../src/core/credentials/cluster-guard.ts'
import type { Credentials } from '../../../src/core/credentials/credentials.ts'
import type { takeAwayNode } from '../../../src/core/credentials/take-away-node.ts'
import type { ClusterReading } from '../../../src/core/ports/cluster/cluster-reading.ts'
import type { UnguardedCluster } from '../../../src/core/ports/cluster/unguarded-cluster.ts'
import type { ServingCertificates } from '../../../src/core/reconcile/serving-certificates.ts'
import type { ApproveParts } from '../../../src/core/services/operator/approving.ts'
import type { StatusService } from '../../../src/front/status/status-service.ts'

/** Parts of the services that give and take away, as they say them. */
type Serving = ConstructorParameters<typeof ServingCertificates>[0]
type Claiming = ConstructorParameters<typeof Credentials>[0]
type Approving = ApproveParts
type Banning = ConstructorParameters<typeof Bans>[0]
type Status = ConstructorParameters<typeof StatusService>[0]

/**
 * What must not compile. The compiler reads it and nobody calls it: an unguarded call that fits a service makes a comment here one that
 * expects an error and finds none.
 */
const compiled = (
  adapter: UnguardedCluster,
  reading: ClusterReading,
  guarded: ReturnType<typeof guardCluster>,
  status: Status
) => {
  const { giving, takingAway, banTurns } = guarded
  const fits: [Serving['giving'], Claiming['giving'], Claiming['takingAway'], Approving['takingAway'], BanTurns] = [
    giving,
    giving,
    takingAway,
    takingAway,
    banTurns
  ]
  // @ts-expect-error the adapter approves serving certificates
  const serving: Serving['giving'] = adapter
  // @ts-expect-error the adapter makes the credential of a claim
  const claiming: Claiming['giving'] = adapter
  // @ts-expect-error the adapter deletes the credential of a claim
  const settling: Claiming['takingAway'] = adapter
  // @ts-expect-error the adapter makes room for an approval
  const approving: Approving['takingAway'] = adapter
  // @ts-expect-error the adapter takes a Node away
  const taking: Parameters<typeof takeAwayNode>[0]['takingAway'] = adapter
  // @ts-expect-error the cluster as it is read gives
  const read: Giving = reading
  // @ts-expect-error what may give takes away
  const mixed: TakingAway = giving
  // @ts-expect-error an object that shows what such a type shows
  const shown: Giving = {} as Pick<Giving, keyof Giving>
  // @ts-expect-error the same for what takes away
  const shownToo: TakingAway = {} as Pick<TakingAway, keyof TakingAway>
  // @ts-expect-error turns that the guard did not make
  const turns: Banning['turns'] = {} as Pick<BanTurns, keyof BanTurns>
  // @ts-expect-error an object with the same methods
  const literal: Giving = {
    createToken: (token) => adapter.createToken(token),
    createOwnCsr: (csr) => adapter.createOwnCsr(csr),
    approveCsr: (csr) => adapter.approveCsr(csr),
    unban: (name) => adapter.unban(name),
    setLabelsAndTaints: (node, wanted) => adapter.setLabelsAndTaints(node, wanted),
    removeStartupTaint: (node) => adapter.removeStartupTaint(node)
  }
  // @ts-expect-error the calls of the guard, and one of the adapter
  const spread: Giving = { ...giving, approveCsr: adapter.approveCsr }
  // @ts-expect-error a subclass, for which there is no class
  class Sub extends Giving {}
  // @ts-expect-error a class that says that it is one
  class Own implements TakingAway {
    deleteToken = adapter.deleteToken
    denyCsr = adapter.denyCsr
    deleteOwnCsr = adapter.deleteOwnCsr
    deleteNode = adapter.deleteNode
    ban = adapter.ban
    settleBannedLeases = adapter.settleBannedLeases
  }
  // @ts-expect-error a service that reads gives
  void reading.approveCsr
  // @ts-expect-error the status takes away
  void status.cluster.deleteNode
  return [
    fits,
    serving,
    claiming,
    settling,
    approving,
    taking,
    read,
    mixed,
    shown,
    shownToo,
    turns,
    literal,
    spread,
    Sub,
    Own
  ]
}

const source = join(import.meta.dirname, '../../../src')
const files = globSync('**/*.ts', { cwd: source }).sort()
const textOf = (file: string): string => readFileSync(join(source, file), 'utf8')

t.test('only the composition, the guard, the meter and the adapter name what is unguarded', async (t) => {
  t.equal(typeof compiled, 'function')
  t.same(
    files.filter((file) => /\bUnguarded[A-Z]/.test(textOf(file))),
    [
      'adapters/kubernetes/kubernetes-cluster.ts',
      'core/credentials/cluster-guard.ts',
      'core/ports/cluster/unguarded-cluster.ts',
      'core/ports/cluster/unguarded-giving.ts',
      'core/ports/cluster/unguarded-taking-away.ts',
      'core/ports/metered.ts',
      'core/register-core.ts',
      'features/metrics/calls.ts',
      'features/metrics/counting.ts',
      'program/container.ts',
      'testing/cluster.ts',
      'testing/guarded.ts'
    ]
  )
})

t.test('the guard is called once, by the composition', async (t) => {
  t.same(
    files.filter((file) => /\bguardCluster\(/.test(textOf(file))),
    ['core/register-core.ts', 'testing/guarded.ts']
  )
})

t.test('no part asks for some calls of a guarded type: any object would fit that', async (t) => {
  const some = /\b(Pick|Omit|Partial|Required|Readonly|Record)<\s*(Giving|TakingAway|BanTurns)\b/
  t.same(
    files.filter((file) => some.test(textOf(file))),
    []
  )
})
