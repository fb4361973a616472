import { createContainer } from '@joinery/agent/testing/commands'
import { type Journal, JournalFile } from '@joinery/agent/testing/journal'
import { keptIdentity } from '@joinery/agent/testing/keys'
import { closeInterruptedJoin, runAgent } from '@joinery/agent/testing/loop'
import { machineIds, UnitStatus } from '@joinery/agent/testing/machine'
import { Door, PairingServer } from '@joinery/agent/testing/pairing'
import { Clock, Log } from '@joinery/agent/testing/program'
import { type ClusterFacts, makeCode } from '@joinery/protocol'
import { AgentProcess, type Moment } from '@joinery/testing/agents/agent-process'
import { stepLog } from '@joinery/testing/agents/agents'
import { eventually } from '@joinery/testing/clocks/eventually'
import { QuickClock } from '@joinery/testing/clocks/quick-clock'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import { sharedKeys } from '@joinery/testing/cluster/shared-keys'
import type { Test } from 'tap'
import { controlPlaneServer } from './control-plane-server.ts'
import { openRehearsal } from './open-rehearsal.ts'

const pause = shortSleep(3)

const state = '/var/lib/joinery-agent'
const codeFile = '/etc/joinery/code'

/**
 * Keys that control planes share. Each cluster here has a CA of its own. The other keys are made once a process: the RSA key
 * of the service accounts takes a tenth of a second.
 */
const keysOf = (etcd: ClusterFacts['etcd']): ReturnType<typeof sharedKeys> => {
  const known = made.get(etcd) ?? sharedKeys(etcd)
  made.set(etcd, known)
  return known
}
const made = new Map<ClusterFacts['etcd'], ReturnType<typeof sharedKeys>>()

/** A rehearsal machine that is to be the second control plane, with the real agent on it, and a server that is scripted. */
export const openControlPlane = async (t: Test, etcdKind: ClusterFacts['etcd'] = 'stacked') => {
  const opened = await openRehearsal('cp-2', 1, true)
  const { cluster, machine, endpoint, credential } = opened
  const { files } = machine
  const keys = {
    ...(await keysOf(etcdKind)),
    'ca.crt': endpoint.certificateAuthority,
    'ca.key': cluster.caKey
  }
  const server = controlPlaneServer({
    cluster: {
      version: 'v1.37.2',
      podSubnets: [],
      serviceSubnets: [],
      controlPlanes: ['172.30.0.1:6443'],
      etcd: etcdKind,
      controlPlaneEndpoint: new URL(endpoint.server).host,
      time: ''
    },
    key: async () => (await keptIdentity(files, state, await machineIds(files)))?.fingerprint ?? '',
    files: keys,
    credential
  })
  const said: string[] = []
  const clock = new QuickClock()
  const open = {
    ...opened,
    server,
    keys,
    said,
    /** Attempts that have to fail before a certificate is approved: else a kubelet may be quicker than its agent. */
    unlucky: 0,
    watch: (() => {}) as (moment: Moment, agent: { kill(): void }) => unknown,
    start: () => {
      const stop = new AbortController()
      const process = new AgentProcess((moment) => open.watch(moment, agent))
      const config = { server: 'https://127.0.0.1:7443', pin: '', codeFile }
      const container = createContainer(
        config,
        process.aroundMachine(machine),
        process.around('files', files, 'read', 'exists', 'list'),
        state
      )
      container.register(UnitStatus, { useValue: (text) => void said.push(text) })
      container.register(PairingServer, { useValue: process.around<PairingServer>('server', portOf(server)) })
      container.register(Clock, {
        useValue: {
          monotonic: clock.monotonic,
          now: clock.now,
          random: clock.random,
          sleep: process.around('clock', { sleep: clock.sleep.bind(clock) }).sleep
        }
      })
      container.register(Log, {
        useValue: stepLog((step) => {
          process.step = step
        })
      })
      container.register(Door, { useValue: { open: async () => async () => {} } })
      const ended = runAgent(container, config, stop.signal)
      const agent = {
        ended,
        kill: () => {
          process.kill()
          stop.abort()
        }
      }
      agents.push(agent)
      return agent
    },
    reboot: async () => {
      for (const agent of agents.splice(0)) agent.kill()
      await machine.reboot(() => closeInterruptedJoin(machine, new JournalFile(files, state), files))
      open.start()
    },
    journal: (): Promise<Journal> => new JournalFile(files, state).read(),
    has: (path: string) => files.exists(path),
    says: (text: RegExp) => eventually(`it says ${text}`, () => said.some((line) => text.test(line)))
  }
  const agents: { kill(): void }[] = []
  // the server's reconciler
  let over = false
  const approve = async (): Promise<void> => {
    while (!over) {
      const { state } = server.enrolment
      const may = (state === 'joining' || state === 'joined') && server.failed.length >= open.unlucky
      for (const csr of may ? await cluster.kubeletCsrs() : []) await cluster.approveCsr(csr).catch(() => {})
      await pause(3)
    }
  }
  const approving = approve()
  t.teardown(async () => {
    over = true
    await approving
    for (const agent of agents) agent.kill()
    machine.powerOff()
  })
  await files.write(codeFile, `${makeCode((bytes) => new Uint8Array(bytes))}\n`, 0o600)
  return open
}

/** Approved and granted from the start. */
export const openGranted = async (...given: Parameters<typeof openControlPlane>) => {
  const open = await openControlPlane(...given)
  open.server.change({ state: 'approved', granted: true })
  return open
}

export type ControlPlane = Awaited<ReturnType<typeof openControlPlane>>

const portOf = (server: PairingServer): PairingServer => ({
  enrol: server.enrol,
  wait: server.wait,
  observe: server.observe,
  cluster: server.cluster,
  reachability: server.reachability,
  claim: server.claim,
  progress: server.progress,
  outcome: server.outcome,
  reportCauses: server.reportCauses
})

export const becomesReady = (open: ControlPlane) =>
  eventually('it is ready', async () => open.server.enrolment.state === 'ready' && (await open.journal()).accepted)

const secrets = [
  '/run/joinery-agent/discovery.conf',
  '/run/joinery-agent/join.yaml',
  '/etc/kubernetes/bootstrap-kubelet.conf',
  `${state}/join-key.json`,
  `${state}/seal-key.json`
]

/** All that has to hold when it is a Ready control plane and its agent has ended. */
export const assertControlPlane = async (t: Test, open: ControlPlane, attempts = 1): Promise<void> => {
  const { server, etcd, keys, machine } = open
  await becomesReady(open)
  await eventually('its secrets are gone', async () => !(await Promise.all(secrets.map(open.has))).includes(true))
  t.equal(server.enrolment.attempt, attempts, 'no attempt more than was needed')
  t.match(
    etcd.members.map(({ name, isLearner }) => ({ name, isLearner })),
    [
      { name: 'cp-1', isLearner: false },
      { name: 'cp-2', isLearner: false }
    ]
  )
  t.equal(etcd.members.length, 2, 'two members of etcd')
  for (const [name, text] of Object.entries(keys))
    t.equal(await machine.files.read(`/etc/kubernetes/pki/${name}`), text, name)
}
