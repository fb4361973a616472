import { loadIdentity } from '@joinery/agent/testing/keys'
import { machineIds } from '@joinery/agent/testing/machine'
import type { AgentReport } from '@joinery/agent/testing/status'
import { agentStatus, describeAgentStatus, frameOf, statusBoard } from '@joinery/agent/testing/status'
import { toJson } from '@joinery/host/text/json'
import { type AgentStatus, shortFingerprint } from '@joinery/protocol'
import { type AgentMachine, onceAt, openMachine } from '@joinery/testing/agents/agents'
import { approvePending, reaches } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'

const keyOf = async ({ machine: { files } }: AgentMachine) =>
  loadIdentity(files, '/var/lib/joinery-agent', await machineIds(files))

/** A status board on the machine, with all that it showed. */
const watched = (open: AgentMachine) => {
  const reports: AgentReport[] = []
  /** As somebody would see them who asked then. */
  const statuses: AgentStatus[] = []
  const lines: string[] = []
  const now = () => open.clock.monotonic()
  const statusOf = async (report: AgentReport, alive: boolean): Promise<AgentStatus> =>
    agentStatus({
      config: { server: open.network.url },
      unit: {},
      said: { report, alive },
      journal: await open.journal(),
      key: undefined,
      changes: [],
      now: now()
    })
  open.show = statusBoard({
    server: open.network.url,
    process: { pid: 7, started: '100' },
    now,
    key: async () => (await keyOf(open)).fingerprint,
    keep: async (report) => {
      reports.push(report)
      statuses.push(await statusOf(report, true))
    },
    announce: (line) => void lines.push(line)
  })
  return { reports, statuses, lines, statusOf }
}

/** Of the second attempt. */
const isKubeletStart = ({ attempt }: AgentReport): boolean =>
  attempt?.number === 2 && attempt.stage?.startsWith('[kubelet-start]') === true

t.test('the status on the machine shows the stage, the key, the failures, and no secret', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.code('worker-1')
  const open = await openMachine(t, pairing)
  await open.putCode(code)
  const token = 'abcdef.0123456789abcdef'
  open.machine.failNextJoin('kubelet-start', [`error: token ${token} is not valid`])
  let discovery: string | undefined
  onceAt(open, 'claim-and-join: after machine.startJoin', async () => {
    discovery = await open.machine.files.read('/run/joinery-agent/discovery.conf')
  })
  const { reports, statuses, lines, statusOf } = watched(open)
  const { approveCsr } = pairing.cluster
  pairing.cluster.approveCsr = async (csr) => {
    // the first attempt may be over before anybody looks; this one waits for the server
    const isSecond = reports.some(({ attempt }) => attempt?.number === 2)
    if (isSecond) await eventually('the stage of the second attempt is shown', () => reports.find(isKubeletStart))
    await approveCsr(csr)
  }
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await reaches(pairing, 'worker-1', 'ready')
  const last = await eventually('the end is shown', () =>
    reports.find(({ message }) => message === 'the node is Ready')
  )

  const { fingerprint, key } = await keyOf(open)
  t.same(lines, [
    `waiting for approval as worker-1; key ${shortFingerprint(fingerprint)}; compare with: joinery show worker-1`
  ])
  t.ok(reports.some(({ enrolment, key }) => enrolment?.state === 'pending' && key === fingerprint))
  t.ok(reports.some(({ attempt }) => attempt?.number === 1))
  t.ok(reports.some(isKubeletStart))
  const failed = statuses.find(({ attempt, failures }) => attempt?.number === 2 && failures.length > 0)
  t.match(failed?.failures[0]?.output.join('\n'), 'error: token abcdef.<secret> is not valid')
  t.match(await statusOf(last, false), { agent: 'ready', message: 'the node is Ready, and the agent has ended' })

  const secrets = {
    code: code.slice('jny_'.length),
    'token in the discovery file': /token: "?[a-z0-9]{6}\.([a-z0-9]{16})/.exec(discovery ?? '')?.[1] ?? '',
    'token that kubeadm printed': token.slice(7),
    'key of the agent': key.split('\n')[1] ?? ''
  }
  const shown: string[] = [...lines, ...open.said, JSON.stringify(statuses)]
  for (const report of reports) {
    const status = await statusOf(report, true)
    shown.push(JSON.stringify(report), toJson(status), describeAgentStatus(status, false))
    for (const screen of [true, false]) shown.push(JSON.stringify(frameOf(status, screen)))
  }
  for (const [name, secret] of Object.entries(secrets)) {
    t.ok(secret.length >= 16, `there is a ${name}`)
    t.notOk(
      shown.some((text) => text.includes(secret)),
      `no ${name}`
    )
  }
})

t.test('an agent that fails says what it tries again, how often and when', async (t) => {
  const pairing = await openPairing(t)
  const open = await openMachine(t, pairing, 'worker-1', { pin: `sha256:${'0'.repeat(64)}` })
  await open.putCode()
  const { reports, statusOf } = watched(open)
  open.start()
  const report = await eventually('it failed three times', () =>
    reports.find(({ failing }) => (failing?.tries ?? 0) >= 3)
  )
  const { agent, message, failing } = await statusOf(report, true)
  t.match({ agent, message }, { agent: 'running', message: /is not the pinned server.*nothing was sent/ })
  t.match(failing, { tries: report.failing?.tries, nextTry: Number })
})
