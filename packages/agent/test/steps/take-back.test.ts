import t from 'tap'
import type { Journal } from '../../src/journal/journal.ts'
import type { JoinState } from '../../src/machine/port/looking.ts'
import { refusesTakingBack } from '../../src/plan/own-earlier-join.ts'
import type { StepParts } from '../../src/steps/context.ts'
import { takeBack } from '../../src/steps/look.ts'

const certificate = { fingerprint: `sha256:${'0'.repeat(64)}`, serial: '0A' } as unknown as NonNullable<
  JoinState['certificate']
>
const whole = {
  unit: 'absent',
  kubeletConf: true,
  bootstrapConf: false,
  output: [],
  certificate
} as unknown as JoinState
const controlPlane = { address: '192.0.2.9', etcdHosts: ['192.0.2.1'] }

/** Takes back the join of a control plane. `cut` is the act at which the power goes; `stays` is why etcd does not let go. */
const taken = async ({ cut, stays }: { cut?: 'closeJoin' | 'reset'; stays?: string } = {}) => {
  let written: Journal = { joined: { nodeName: 'cp-2', certificate, controlPlane } }
  const acts: string[] = []
  const act = (name: string) => async () => {
    acts.push(name)
    if (name === cut) throw new Error('the power is gone')
  }
  const parts = {
    looking: { joinState: async () => whole, nodeReadiness: async () => ({ ready: false, message: '' }) },
    joining: { closeJoin: act('closeJoin'), reset: act('reset') },
    etcd: {
      leaveEtcd: async () => {
        acts.push('leaveEtcd')
        return stays
      }
    },
    journal: {
      read: async () => written,
      write: async (journal: Journal) => {
        written = journal
      }
    },
    say: () => {},
    log: { info: () => {}, warn: () => {} }
  } as unknown as StepParts
  await takeBack(parts).catch(() => {})
  return { acts, written }
}

t.test('A8: a power cut between two steps of taking back leaves a machine that is taken back', async (t) => {
  for (const cut of ['closeJoin', 'reset'] as const) {
    const { written } = await taken({ cut })
    t.match(written, { joined: { nodeName: 'cp-2', resetting: true } }, cut)
    const { certificate: _, ...rest } = whole
    // the certificate is gone, and perhaps more
    const left = { ...rest, kubeletConf: cut === 'closeJoin' }
    t.equal(refusesTakingBack(written, left, undefined), undefined, `${cut}: the next round goes on`)
  }
  t.same(await taken(), { acts: ['leaveEtcd', 'closeJoin', 'reset'], written: {} })
})

t.test('A7: a machine that etcd does not let go is not taken back', async (t) => {
  const { acts, written } = await taken({ stays: 'etcd would lose its majority' })
  t.same(acts, ['leaveEtcd'])
  t.match(written, { joined: { nodeName: 'cp-2' } })
  t.equal(written.joined?.resetting, undefined)
})
