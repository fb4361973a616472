import type { Mutant } from './mutant.ts'

const pin = { file: 'packages/agent/src/pairing/pin.ts', killedBy: ['test/journeys/door/pin.test.ts'] }
const client = {
  file: 'packages/agent/src/pairing/http-pairing-server.ts',
  killedBy: ['test/journeys/door/pin.test.ts']
}
const files = {
  file: 'packages/host/src/write-durably.ts',
  killedBy: ['packages/agent/test/journal/files-durable.test.ts']
}
const join = { file: 'packages/agent/src/steps/join.ts', killedBy: ['test/journeys/worker/agent-happy-way.test.ts'] }
const kubeadm = 'packages/agent/src/machine/kubeadm'

/** What the agent says to whom, and what it puts on the machine. */
export const agent: readonly Mutant[] = [
  {
    ...client,
    name: 'state-of-a-newer-server',
    text: 'state: readState(enrolment.state)',
    instead: 'state: enrolment.state',
    rule: 'in a state that a newer server made an agent waits',
    killedBy: ['test/journeys/worker/newer-server.test.ts']
  },
  {
    ...pin,
    name: 'any-server',
    text: 'authorities.find(({ pin }) => pins.includes(pin))',
    instead: 'authorities[0]',
    rule: 'no secret before the pin: the CA has the pinned key'
  },
  {
    ...client,
    name: 'leaf-of-another-name',
    text: '      servername: serverName,\n',
    instead: '      servername: serverName,\n      checkServerIdentity: () => undefined,\n',
    rule: "the server's leaf is verified by its name"
  },
  {
    ...client,
    name: 'leaf-of-another-authority',
    text: '      ca: authority.certificate,\n',
    instead: '      ca: authority.certificate,\n      rejectUnauthorized: false,\n',
    rule: "the server's leaf is verified by the pinned CA"
  },
  {
    ...files,
    name: 'file-named-before-it-is-synced',
    text: '    await handle.sync()\n',
    instead: '',
    rule: 'a file is on the disk before it gets its name'
  },
  {
    ...files,
    name: 'name-that-is-not-synced',
    text: '    if (syncsFolder) await syncFolder(dirname(file))\n',
    instead: '',
    rule: 'the name of a file is on the disk before the write is done'
  },
  {
    ...files,
    name: 'file-for-everybody',
    text: '    await handle.chmod(mode)\n',
    instead: '',
    rule: 'a file has its mode, whatever the umask is',
    killedBy: ['packages/host/test/files.test.ts']
  },
  {
    file: `${kubeadm}/close-join.ts`,
    name: 'secrets-taken-before-the-stop',
    text: "    await exec(['systemctl', 'stop', units.join, units.kubelet], { timeout: stopTimeout })\n  } finally {\n    await files.remove(paths.bootstrapConf)\n",
    instead:
      "    await files.remove(paths.bootstrapConf)\n    await exec(['systemctl', 'stop', units.join, units.kubelet], { timeout: stopTimeout })\n  } finally {\n",
    rule: 'what runs is stopped before its credential is taken away',
    killedBy: ['packages/agent/test/machine/kubeadm/join-unit.test.ts']
  },
  {
    file: `${kubeadm}/close-join.ts`,
    name: 'credential-left-on-the-disk',
    text: '    await files.remove(paths.bootstrapConf)\n',
    instead: '',
    rule: 'close before you report: the bootstrap credential does not stay on the disk',
    killedBy: ['packages/agent/test/machine/kubeadm/join-unit.test.ts']
  },
  {
    file: 'packages/agent/src/journal/journal.ts',
    name: 'journal-of-a-copied-disk',
    text: 'return own ? journal : {}',
    instead: 'return journal',
    rule: 'what another machine began is not taken on by a copy of its disk',
    killedBy: ['packages/agent/test/journal/journal.test.ts', 'test/journeys/worker/agent-cloned.test.ts']
  },
  {
    ...join,
    name: 'secrets-kept-while-it-waits',
    text: '    await joining.removeSecrets()\n',
    instead: '',
    rule: 'secrets go when they are of no use any more'
  },
  {
    file: 'packages/agent/src/code/spent-code.ts',
    name: 'code-left-in-user-data',
    text: "(typeof parseCode(found) === 'string' ? spentCode : found)",
    instead: 'found',
    rule: 'a code that was used is wiped',
    killedBy: ['packages/agent/test/code/spent-code.test.ts']
  },
  {
    file: 'packages/agent/src/host/machine-ids.ts',
    name: 'copy-that-keeps-its-key',
    text: 'one.machineId === other.machineId && one.productUuid === other.productUuid',
    instead: 'one.machineId === other.machineId',
    rule: 'a copy of the disk on another machine makes a key of its own',
    killedBy: ['packages/agent/test/keys/identity.test.ts']
  },
  {
    file: `${kubeadm}/join-unit.ts`,
    name: 'credential-for-everybody',
    text: 'discoveryKubeconfig(credential), 0o600)',
    instead: 'discoveryKubeconfig(credential), 0o644)',
    rule: 'a credential lies on tmpfs for root alone',
    killedBy: ['packages/agent/test/machine/kubeadm/join-unit.test.ts']
  },
  {
    file: 'packages/agent/src/steps/look.ts',
    name: 'taken-back-by-an-old-look',
    text: 'if (joined === undefined || refusal !== undefined) {',
    instead: 'if (joined === undefined) {',
    rule: 'just before an earlier join is taken back the guards look once more',
    killedBy: ['test/journeys/worker/agent-starts-anew.test.ts']
  },
  {
    file: 'packages/agent/src/steps/recover.ts',
    name: 'failure-reported-to-nobody',
    text: "if (!(error instanceof Refused && (error.code === 'illegal-event' || error.code === 'not-found'))) throw error",
    instead: 'if (!(error instanceof Refused)) throw error',
    rule: 'a failed attempt is reported until the server has taken it, or knows it',
    killedBy: ['test/journeys/faults/commit-before-act.test.ts']
  },
  {
    ...join,
    name: 'accepted-before-the-answer',
    text: "    memory.enrolment = await server.outcome({ outcome: 'ready', certificate })\n    await journal.write({\n",
    instead:
      "    await journal.write({ accepted: true, joined: { nodeName, certificate } })\n    memory.enrolment = await server.outcome({ outcome: 'ready', certificate })\n    await journal.write({\n",
    rule: 'the agent notes that it is accepted when the server has said so',
    killedBy: ['test/journeys/faults/agent-killed.test.ts']
  },
  {
    name: 'causes-as-they-are-found',
    file: 'packages/agent/src/machine/why/decide-causes.ts',
    text: 'rankCauses(causes.length === 0 ? asTheKubeletSays(seen) : causes)',
    instead: 'causes.length === 0 ? asTheKubeletSays(seen) : causes',
    rule: 'the true cause of a Node that is not Ready comes first',
    killedBy: ['packages/agent/test/machine/why/decide-causes.test.ts']
  },
  {
    name: 'old-line-of-a-journal',
    file: 'packages/agent/src/machine/why/explain-lines.ts',
    text: 'rule.until !== undefined && over.has(rule.until)',
    instead: 'rule.until === undefined && over.has("kubelet")',
    rule: 'a line of a journal means nothing any more if a look says that it is over',
    killedBy: [
      'packages/agent/test/machine/why/explain-lines.test.ts',
      'packages/agent/test/machine/why/decide-causes.test.ts'
    ]
  },
  {
    name: 'causes-told-at-each-look',
    file: 'packages/agent/src/plan/why-looks.ts',
    text: 'untold !== true && !isDeepStrictEqual(reported?.map(told), found.map(told))',
    instead: 'untold !== true && !isDeepStrictEqual(reported, [found])',
    rule: 'the server is told why a Node is not Ready only if that changed',
    killedBy: [
      'packages/agent/test/plan/why-looks.test.ts',
      'packages/agent/test/steps/look-why.test.ts',
      'test/journeys/worker/agent-why.test.ts'
    ]
  },
  {
    name: 'certificate-over-by-own-clock',
    file: 'packages/agent/src/machine/why/judge/api.ts',
    text: 'certificate.until < api.date',
    instead: 'certificate.until < Date.now() + 400 * 86_400_000',
    rule: "only the API server's clock says that the kubelet's certificate is over",
    killedBy: ['packages/agent/test/machine/why/decide-causes.test.ts']
  },
  {
    name: 'service-named-though-the-api-server-is-away',
    file: 'packages/agent/src/machine/why/judge/network.ts',
    text: "if (api === undefined || !('status' in api) || api.status !== 200) return []",
    instead: 'if (api === undefined) return []',
    rule: 'kube-proxy is named only where the kubelet itself reaches the API server',
    killedBy: ['packages/agent/test/machine/why/decide-causes.test.ts']
  }
]
