import type { Mutant } from './mutant.ts'

const room = 'packages/cli/src'
const bundle = ['packages/cli/test/commands/support/bundle.test.ts']
const collect = { file: `${room}/bundle/collect.ts`, killedBy: ['packages/cli/test/bundle/collect.test.ts'] }
const mask = { file: `${room}/bundle/mask-config.ts`, killedBy: ['packages/cli/test/bundle/mask-config.test.ts'] }
const lines = {
  file: `${room}/output/log/log-lines.ts`,
  killedBy: ['packages/cli/test/commands/support/logs.test.ts']
}

/** What helps when one is lost: the support bundle, the log of a machine, and the help. */
export const lost: readonly Mutant[] = [
  {
    ...collect,
    name: 'bundle-not-scrubbed',
    text: 'const whole = maskSecrets(await read())',
    instead: 'const whole = await read()',
    rule: 'no file of a bundle has a text that looks like a secret'
  },
  {
    ...collect,
    name: 'bundle-without-end',
    text: 'now().getTime() - begun >= limits.milliseconds',
    instead: 'false',
    rule: 'a bundle does not take longer than a minute'
  },
  {
    ...collect,
    name: 'bundle-of-any-size',
    text: 'const room = Math.min(limits.file, left())',
    instead: 'const room = limits.file',
    rule: 'all files of a bundle have one limit'
  },
  {
    ...mask,
    name: 'url-in-a-bundle',
    text: 'return maskUrl(text)',
    instead: 'return text',
    rule: 'what is behind the host of a URL may be a secret'
  },
  {
    ...mask,
    name: 'section-of-secrets-in-a-bundle',
    text: 'mask(one, isSecretKey(key) ? key : name)',
    instead: 'mask(one, name)',
    rule: 'all that is in a section of secrets is masked'
  },
  {
    name: 'bundle-for-everybody-to-ask',
    file: `${room}/bundle/sources.ts`,
    text: 'if (outage !== undefined) throw outage\n',
    instead: '',
    rule: 'a server that does not answer is asked once',
    killedBy: bundle
  },
  {
    name: 'bundle-outside-of-its-folder',
    file: `${room}/bundle/sources.ts`,
    text: "id.replace(/[^A-Za-z0-9-]/g, '-')",
    instead: 'id',
    rule: 'no id leads out of the folder of a bundle',
    killedBy: bundle
  },
  {
    ...lines,
    name: 'other-attempt-in-the-log',
    text: 'at >= from && (until === undefined || at < until)',
    instead: 'true',
    rule: 'the log is of one attempt'
  },
  {
    ...lines,
    name: 'claims-as-our-words-in-the-log',
    text: "const claimed = actor === 'agent'",
    instead: 'const claimed = false',
    rule: 'the words of a machine are set off'
  },
  {
    name: 'help-of-no-command',
    file: `${room}/program/run.ts`,
    text: 'command.commands.length > 0 && given.length > 0 ? path',
    instead: 'false ? path',
    rule: 'help for a command that does not exist is a mistake',
    killedBy: ['packages/cli/test/program/help.test.ts']
  },
  {
    name: 'agent-line-with-a-token',
    file: 'packages/agent/src/program/recent-lines.ts',
    text: 'escapeText(maskSecrets(text))',
    instead: 'escapeText(text)',
    rule: 'an agent reports no secret in its last lines',
    killedBy: ['packages/agent/test/program/recent-lines.test.ts']
  }
]
