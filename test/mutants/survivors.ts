import type { Mutant } from './mutant.ts'

const masking = { killedBy: ['packages/host/test/text/secrets/mask-secrets.test.ts'] }
const secrets = 'packages/host/src/text/secrets'
const why = 'packages/agent/src/machine/why'
const exporting = {
  file: 'packages/cli/src/audit/export-logs.ts',
  killedBy: ['packages/cli/test/audit/export-logs.test.ts']
}
const steps = 'packages/agent/src/steps'

/** Rules that no test asked for once: secrets, copies of the audit log, and what an agent, an enrolment and a door keep. */
export const survivors: readonly Mutant[] = [
  {
    ...masking,
    file: `${secrets}/mask-secrets.ts`,
    name: 'secret-by-its-looks-alone',
    text: 'if (!words.some((word) => isSecret(word, secrecy, place))) continue',
    instead: 'if (true) continue',
    rule: 'the value of a key that is called like a secret is masked'
  },
  {
    ...masking,
    file: `${secrets}/secret-name.ts`,
    name: 'secret-by-its-first-word',
    text: "const last = words.at(-1) ?? ''",
    instead: "const last = words.at(0) ?? ''",
    rule: 'the last word of a name says what its value is'
  },
  {
    ...masking,
    file: `${secrets}/mask-secrets.ts`,
    name: 'secret-behind-a-colour',
    text: "    .replace(colours, '')\n",
    instead: '',
    rule: 'a colour between a name and its value hides no secret'
  },
  {
    ...masking,
    file: `${secrets}/secret-shapes.ts`,
    name: 'password-behind-a-short-flag',
    text: "  ...shortFlags.map((flag): [RegExp, string] => [flag, '$1<secret>']),\n",
    instead: '',
    rule: 'what stands behind the flag of one letter that is a password is masked'
  },
  {
    ...masking,
    file: `${secrets}/secret-value.ts`,
    name: 'words-are-secrets',
    text: '  if (isOrdinary) return false\n',
    instead: '',
    rule: 'what a program says about a secret stays readable'
  },
  {
    name: 'log-from-its-middle',
    file: `${why}/see/containers.ts`,
    text: '< tail.bytes ? 0 : 2',
    instead: '< tail.bytes ? 0 : 0',
    rule: 'a line that was read from its middle on is left out',
    killedBy: ['packages/agent/test/machine/why/see/runtime.test.ts']
  },
  {
    name: 'workload-as-a-plugin',
    file: `${why}/whose-pod.ts`,
    text: '  if (namespace !== undefined && !namespaces.test(namespace)) return undefined\n',
    instead: '',
    rule: 'a Pod is of the network plugin only in a namespace of plugins',
    killedBy: [
      'packages/agent/test/machine/why/whose-pod.test.ts',
      'packages/agent/test/machine/why/see/runtime.test.ts'
    ]
  },
  {
    name: 'any-text-in-a-configuration',
    file: 'packages/cli/src/bundle/mask-config.ts',
    text: 'plain.test(text) && ',
    instead: '',
    rule: 'a text of a configuration is shown only if it looks like a setting',
    killedBy: ['packages/cli/test/bundle/mask-config.test.ts']
  },
  {
    ...exporting,
    name: 'copy-of-a-log-made-anew',
    text: ' || !verifyConsistency({ first: before, second: head, proof })',
    instead: '',
    rule: 'a log that does not begin with its copy does not replace it',
    killedBy: ['test/journeys/audit/audit.test.ts']
  },
  {
    ...exporting,
    name: 'copy-of-another-log',
    text: 'before.origin !== head.origin || ',
    instead: '',
    rule: 'the log of another server does not replace a copy'
  },
  {
    ...exporting,
    name: 'leaves-that-nobody-signed',
    text: '    if (before.size % bundleWidth > 0) await log.bundle(Math.floor(before.size / bundleWidth))\n',
    instead: '',
    rule: 'the leaves that replace those of a copy are those that were signed',
    killedBy: ['test/journeys/audit/audit.test.ts']
  },
  {
    ...exporting,
    name: 'older-checkpoint-is-lost',
    text: '    if (before !== undefined) await keepOlder(folder, Buffer.from(before).toString())\n',
    instead: '',
    rule: 'the checkpoints of older exports stay'
  },
  {
    ...exporting,
    name: 'slower-export-puts-back',
    text: "    if (!isSame(await readFile(join(folder, 'checkpoint')).catch(absent), before)) continue\n",
    instead: '',
    rule: 'of two exports into one folder the slower one does not put the copy back'
  },
  {
    ...exporting,
    name: 'leaves-of-an-export-that-was-cut',
    text: 'stays.has(path) && ',
    instead: '',
    rule: 'what no checkpoint of a copy holds is copied anew'
  },
  {
    name: 'program-of-a-file-as-root',
    file: 'packages/cli/src/kubernetes/heed-program.ts',
    text: 'root === true && !allowsExec',
    instead: 'false',
    rule: 'no file says what root runs',
    killedBy: ['packages/cli/test/kubernetes/credential.test.ts']
  },
  {
    name: 'program-of-an-auth-provider',
    file: 'packages/kube/src/kubeconfig-files.ts',
    text: "...(path ? [[path, given ?? ''].join(' ').trim()] : [])",
    instead: '',
    rule: 'the program of an auth provider is one that runs',
    killedBy: ['packages/kube/test/doctor/admin-connection.test.ts']
  },
  {
    name: 'checks-of-the-former-machine',
    file: 'packages/server/src/core/enrolment/verbs/release.ts',
    text: '    preflight: [],\n',
    instead: '',
    rule: 'after a release to another key nobody approves on the checks of the former machine',
    killedBy: ['packages/server/test/core/enrolment/verbs/release.test.ts']
  },
  {
    name: 'ten-knocks-and-no-freeze',
    file: 'packages/server/src/core/enrolment/decision/conflict.ts',
    text: 'if (!freezes && enrolment.conflict.seen.length',
    instead: 'if (enrolment.conflict.seen.length',
    rule: 'a second key freezes however many came before',
    killedBy: ['packages/server/test/core/enrolment/decision/second-key.test.ts']
  },
  {
    name: 'failures-as-long-as-they-were',
    file: 'packages/server/src/core/enrolment/verbs/claim.ts',
    text: '...shortOlder(enrolment.join.attempts)',
    instead: '...enrolment.join.attempts',
    rule: 'the failures of older attempts are cut at the claim',
    killedBy: ['packages/server/test/core/enrolment/verbs/claim.test.ts']
  },
  {
    name: 'beginning-of-a-timeline',
    file: 'packages/server/src/adapters/sqlite/timeline/timeline-writer.ts',
    text: "actor === 'agent' ? statements.removeLast : statements.makeRoom",
    instead: 'statements.makeRoom',
    rule: 'of what an agent did the beginning stays',
    killedBy: ['packages/server/test/adapters/sqlite/timeline-bound.test.ts']
  },
  {
    name: 'door-that-closes-for-strangers',
    file: 'packages/server/src/front/connection-guard/crowd.ts',
    text: 'return [...this.#strangers, ...this.#known]',
    instead: 'return [...this.#strangers]',
    rule: 'a door that closes cuts the connections of known keys too',
    killedBy: ['packages/server/test/front/connection-guard/crowd.test.ts']
  },
  {
    name: 'busy-loop-without-news',
    file: `${steps}/wait-for-change.ts`,
    text: '  if (newer === undefined && clock.monotonic() - before < 1000) await clock.sleep(1000, signal)\n',
    instead: '',
    rule: 'a server that answers at once without news makes no busy loop',
    killedBy: ['packages/agent/test/steps/wait-for-change.test.ts']
  },
  {
    name: 'no-news-is-no-enrolment',
    file: `${steps}/wait-for-change.ts`,
    text: "newer ?? memory.enrolment ?? 'none'",
    instead: "newer ?? 'none'",
    rule: 'no news does not say that the machine is not enrolled',
    killedBy: ['packages/agent/test/steps/wait-for-change.test.ts']
  },
  {
    name: 'data-of-etcd-from-before',
    file: `${steps}/open-keys.ts`,
    text: '...(!hadEtcdData && { ownEtcdData: true })',
    instead: 'ownEtcdData: true',
    rule: 'data of etcd that was there before a join is not taken back with it',
    killedBy: ['packages/agent/test/steps/open-keys.test.ts']
  },
  {
    name: 'member-that-etcd-keeps',
    file: `${steps}/look.ts`,
    text: '    if (reason !== undefined) {\n',
    instead: '    if (false) {\n',
    rule: 'a join is not taken back while its member is in etcd',
    killedBy: ['packages/agent/test/steps/take-back.test.ts']
  },
  {
    name: 'taken-back-without-a-note',
    file: `${steps}/look.ts`,
    text: '  await journal.write({ joined: { ...joined, resetting: true } })\n',
    instead: '',
    rule: 'after a power cut a machine that is half taken back is taken back',
    killedBy: ['packages/agent/test/steps/take-back.test.ts']
  },
  {
    name: 'reset-of-an-untouched-machine',
    file: `${steps}/recover.ts`,
    text: 'if (!attempt.untouched) await joining.reset()',
    instead: 'await joining.reset()',
    rule: 'an attempt that put nothing on the machine takes nothing from it',
    killedBy: ['packages/agent/test/steps/reset.test.ts']
  }
]
