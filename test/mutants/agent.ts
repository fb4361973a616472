import type { Mutants } from './mutant.ts'

/** What an agent believes, does on its machine, and leaves there. */
export const agent: Mutants = {
  'any-server': {
    file: 'packages/agent/src/pairing/pin.ts',
    text: 'authorities.find(({ pin }) => pins.includes(pin))',
    instead: 'authorities[0]',
    rule: 'no secret before the pin: the CA has the pinned key',
    killedBy: 'test/journeys/door/pin.test.ts'
  },
  'leaf-of-another-name': {
    file: 'packages/agent/src/pairing/http-pairing-server.ts',
    text: '      servername: serverName,\n',
    instead: '      servername: serverName,\n      checkServerIdentity: () => undefined,\n',
    rule: "the server's leaf is verified by its name",
    killedBy: 'test/journeys/door/pin.test.ts'
  },
  'leaf-of-another-authority': {
    file: 'packages/agent/src/pairing/http-pairing-server.ts',
    text: '      ca: authority.certificate,\n',
    instead: '      ca: authority.certificate,\n      rejectUnauthorized: false,\n',
    rule: "the server's leaf is verified by the pinned CA",
    killedBy: 'test/journeys/door/pin.test.ts'
  },
  'announced-for-ever': {
    file: 'packages/agent/src/pairing/known-pins.ts',
    text: "  if (word === 'nothing') return { pin, ...given({ denied }) }\n",
    instead: "  if (word === 'nothing' || word === 'none') return known\n",
    rule: 'a next pin that the server does not say any more counts no more',
    killedBy: 'packages/agent/test/pairing/known-pins.test.ts'
  },
  'named-twice-at-once': {
    file: 'packages/agent/src/pairing/servers/known-servers.ts',
    text: 'server.proven || now - server.named < apart ? server',
    instead: 'server.proven ? server',
    rule: 'a server that was taken over for a minute teaches nothing',
    killedBy: 'packages/agent/test/pairing/servers/known-servers.test.ts'
  },
  'statement-by-anybody': {
    file: 'packages/agent/src/pairing/hear-statement.ts',
    text: 'await openStatement(text, [pin])',
    instead: "{ statement: JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString()) }",
    rule: 'a statement counts only under the pin that its server has proven',
    killedBy: 'packages/agent/test/pairing/servers/any-server.test.ts'
  },
  'answer-of-any-type': {
    file: 'packages/agent/src/pairing/http-pairing-server.ts',
    text: 'schema !== undefined && Value.Check(typesOf(schema), content)',
    instead: 'schema !== undefined',
    rule: 'an agent takes no answer of another type than its route has',
    killedBy: 'packages/agent/test/pairing/read-answer.test.ts'
  },
  'answer-a-byte-at-a-time': {
    file: 'packages/agent/src/pairing/http-pairing-server.ts',
    text: 'AbortSignal.any(signals)',
    instead: 'signal',
    rule: 'an answer that comes a byte at a time is given up',
    killedBy: 'packages/agent/test/pairing/read-answer.test.ts'
  },
  'copy-that-keeps-its-key': {
    file: 'packages/agent/src/host/machine-ids.ts',
    text: 'one.machineId === other.machineId && one.productUuid === other.productUuid',
    instead: 'one.machineId === other.machineId',
    rule: 'a copy of the disk on another machine makes a key of its own',
    killedBy: 'packages/agent/test/keys/identity.test.ts'
  },
  'secrets-taken-before-the-stop': {
    file: 'packages/agent/src/machine/kubeadm/close-join.ts',
    text: "    await exec(['systemctl', 'stop', units.join, units.kubelet], { timeout: stopTimeout })\n  } finally {\n    await files.remove(paths.bootstrapConf)\n",
    instead:
      "    await files.remove(paths.bootstrapConf)\n    await exec(['systemctl', 'stop', units.join, units.kubelet], { timeout: stopTimeout })\n  } finally {\n",
    rule: 'what runs is stopped before its credential is taken away',
    killedBy: 'packages/agent/test/machine/kubeadm/join-unit.test.ts'
  },
  'credential-left-on-the-disk': {
    file: 'packages/agent/src/machine/kubeadm/close-join.ts',
    text: '    await files.remove(paths.bootstrapConf)\n',
    instead: '',
    rule: 'close before you report: the bootstrap credential does not stay on the disk',
    killedBy: 'packages/agent/test/machine/kubeadm/join-unit.test.ts'
  },
  'reset-before-it-is-reported': {
    file: 'packages/agent/src/plan/recovery.ts',
    text: "    if (!attempt.reported) return { do: 'report-failed', attempt: number, failure }\n",
    instead: '',
    rule: 'a failure is reported before anything is taken back',
    killedBy: 'packages/agent/test/plan/recovery.test.ts'
  },
  'join-of-before-the-reboot': {
    file: 'packages/agent/src/plan/recovery.ts',
    text: "  if (!sameBoot) return { do: 'close', failure: interrupted(attempt) }\n",
    instead: '',
    rule: 'a reboot during the join ends the attempt',
    killedBy: 'packages/agent/test/plan/recovery.test.ts'
  },
  'reset-of-somebody-elses-join': {
    file: 'packages/agent/src/plan/recovery.ts',
    text: "return isOurs(attempt, join) ? { do: 'reset' } : undefined",
    instead: "return { do: 'reset' }",
    rule: 'a join that the agent did not begin is never reset',
    killedBy: 'packages/agent/test/plan/recovery.test.ts'
  },
  'reset-of-a-ready-node': {
    file: 'packages/agent/src/plan/recovery.ts',
    text: '  if (node?.ready) return `the Node ${name} is Ready`\n',
    instead: '',
    rule: 'a Ready node is never reset',
    killedBy: 'packages/agent/test/plan/recovery.test.ts'
  },
  'control-plane-without-a-grant': {
    file: 'packages/agent/src/plan/plan.ts',
    text: 'if (hasOpenAttempt(enrolment) || enrolment.granted) return undefined',
    instead: 'return undefined',
    rule: 'a control plane claims when root has granted it',
    killedBy: 'packages/agent/test/plan/plan.test.ts'
  },
  'credential-for-everybody': {
    file: 'packages/agent/src/machine/kubeadm/join-unit.ts',
    text: 'discoveryKubeconfig(credential), 0o600)',
    instead: 'discoveryKubeconfig(credential), 0o644)',
    rule: 'a credential lies on tmpfs for root alone',
    killedBy: 'packages/agent/test/machine/kubeadm/join-unit.test.ts'
  },
  'secrets-kept-while-it-waits': {
    file: 'packages/agent/src/steps/join.ts',
    text: '    await joining.removeSecrets()\n',
    instead: '',
    rule: 'secrets go when they are of no use any more',
    killedBy: 'test/journeys/worker/agent-happy-way.test.ts'
  },
  'agent-line-with-a-token': {
    file: 'packages/agent/src/program/recent-lines.ts',
    text: 'escapeText(maskSecrets(text))',
    instead: 'escapeText(text)',
    rule: 'an agent reports no secret in its last lines',
    killedBy: 'packages/agent/test/program/recent-lines.test.ts'
  },
  'secret-by-its-looks-alone': {
    file: 'packages/host/src/text/secrets/mask-secrets.ts',
    text: 'if (!words.some((word) => isSecret(word, secrecy, place))) continue',
    instead: 'if (true) continue',
    rule: 'the value of a key that is called like a secret is masked',
    killedBy: 'packages/host/test/text/secrets/mask-secrets.test.ts'
  },
  'workload-as-a-plugin': {
    file: 'packages/agent/src/machine/why/whose-pod.ts',
    text: '  if (namespace !== undefined && !namespaces.test(namespace)) return undefined\n',
    instead: '',
    rule: 'a Pod is of the network plugin only in a namespace of plugins',
    killedBy: 'packages/agent/test/machine/why/whose-pod.test.ts'
  },
  'expired-by-this-machines-clock': {
    file: 'packages/agent/src/way-back/judge-kubelet.ts',
    text: '  if (date === undefined) return unknown(`${server} answers 401, and does not say what time it is`)\n  if (notAfter <= date) {',
    instead: '  if (notAfter <= (date ?? Date.now())) {',
    rule: 'this machine’s clock never says that a certificate is over',
    killedBy: 'packages/agent/test/way-back/judge-kubelet.test.ts'
  }
}
