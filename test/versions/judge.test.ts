import { checksFor } from '@joinery/agent/testing/preflight'
import t from 'tap'
import { facts, wrongFacts } from './facts.ts'
import { newVersions } from './judge.ts'
import { kubeadmChecks, ours, strangeChecks } from './kubeadm-checks.ts'
import { pins, present } from './pins.ts'
import type { Sources } from './sources.ts'
import { goneTexts, literalsIn, textsOf } from './texts.ts'

/** Sources that were made up. `texts`: all that their programs print. */
const sources = (minor: number, files: Record<string, string>, ...texts: string[]): Sources => ({
  minor,
  version: `v1.${minor}.0`,
  read: (path) => files[path] ?? '',
  has: (text) => texts.some((one) => one.includes(text))
})

t.test('a fact that is no longer so, and one that is so too early, are a line each', async (t) => {
  const server = 'cmd/kubelet/app/server.go'
  const fallsBack = 'Falling back to using cgroupDriver from kubelet config.'
  const about = (one: Sources) => wrongFacts(one).filter((line) => line.includes('its own cgroup driver'))
  t.same(about(sources(39, { [server]: `logger.Info("${fallsBack}")` })), [])
  t.match(about(sources(39, {})), [/^v1\.39\.0: no longer so: a kubelet takes its own cgroup driver .*: a warning$/])
  const locked = `UserNamespacesSupport: {
    {Version: version.MustParse("1.36"), Default: true, PreRelease: featuregate.GA, LockToDefault: true},`
  const early = wrongFacts(sources(35, { 'pkg/features/kube_features.go': locked }))
  t.ok(early.some((line) => line.startsWith('v1.35.0: already so: user namespaces cannot be switched off')))
})

t.test('each fact names the place where Joinery acts by it', async (t) => {
  for (const { actsIn } of facts) t.match(actsIn, /^packages\/\S+\.ts(: \w[\w ]*)?$/)
})

t.test('the plain texts of a pattern are found, without what varies', async (t) => {
  const rows: [RegExp, string[]][] = [
    [/running with swap on is not supported/, ['running with swap on is not supported']],
    [
      /failed to load kubelet config file, path: (\S+), error: .*: no such/,
      ['failed to load kubelet config file, path', ', error: .']
    ],
    [
      /Eviction manager: (?:attempting to reclaim|must evict pod\(s\) to reclaim)"/,
      ['Eviction manager', 'attempting to reclaim', 'must evict pod(s) to reclaim']
    ],
    [/short (\d+)/, []],
    [/^\[kubelet-start\] Writing kubelet configuration/, ['[kubelet-start] Writing kubelet configuration']]
  ]
  for (const [pattern, texts] of rows)
    t.same(
      literalsIn(pattern),
      texts.filter((text) => /[a-z]{4}/.test(text) && text.length >= 12)
    )
})

t.test('a text that a newer version does not print is a line with the rule that looks for it', async (t) => {
  const swap = 'running with swap on is not supported, please disable swap'
  const [now, next] = [sources(37, {}, swap, 'Pulling images required'), sources(38, {}, 'Pulling images required')]
  t.match(
    textsOf(now).map(({ text }) => text),
    ['running with swap on is not supported']
  )
  t.match(goneTexts(now, next), [/^v1\.38\.0: the text of .*swap.* is gone: running with swap on is not supported$/])
  t.same(goneTexts(now, now), [])
  const [fills, filled] = [
    "Insufficient free disk space on the node's image filesystem",
    'Failed to garbage collect required amount of images'
  ]
  t.same(goneTexts(sources(37, {}, fills), sources(34, {}, filled)), [], 'a rule with another text for another version')
})

const preflight = (body: string) => ({
  'cmd/kubeadm/app/preflight/checks_linux.go': `func addExecChecks(checks []Checker) []Checker {
${body}
	return checks
}
func other() { InPathCheck{executable: "never"} }`
})

t.test('a check of kubeadm that nobody thought of is a line, and so is one that is gone', async (t) => {
  const made = sources(38, preflight('checks = append(checks, InPathCheck{executable: "fuse", exec: execer})'))
  t.same(kubeadmChecks(made), ['InPath fuse'])
  const found = strangeChecks([made])
  t.match(found[0], /^v1\.38\.0: kubeadm checks InPath fuse, and /)
  t.ok(found.includes('no kubeadm checks InPath cp any more: take it out'))
})

t.test('each check of kubeadm is one of ours, or has a reason', async (t) => {
  const names = checksFor({ role: 'control-plane', ignore: [] }).map(({ name }) => name)
  for (const [check, by] of Object.entries(ours)) t.ok(names.includes(by) || by.startsWith('none: '), `${check}: ${by}`)
})

t.test('a version that the proxy has and that is not pinned is a line', async (t) => {
  const pinned = [
    { minor: 37, version: 'v1.37.2' },
    { minor: 38, version: 'v1.38.0-beta.0' }
  ]
  const rows: [version: string, RegExp | undefined][] = [
    ['v1.36.9', undefined],
    ['v1.37.1', undefined],
    ['v1.37.2', undefined],
    ['v1.37.10', /^v1\.37\.10 is newer than the pinned v1\.37\.2$/],
    ['v1.38.0-alpha.3', undefined],
    ['v1.38.0-beta.10', /newer than the pinned v1\.38\.0-beta\.0/],
    ['v1.38.0', /newer than the pinned v1\.38\.0-beta\.0/],
    ['v1.39.0-alpha.0', /^v1\.39\.0-alpha\.0 is of a new minor/],
    ['v2.0.0', undefined]
  ]
  for (const [version, line] of rows) {
    const found = newVersions([version], pinned)
    if (line === undefined) t.same(found, [], version)
    else t.match(found, [line], version)
  }
})

t.test('the minors that are promised are pinned one after another, and the coming one', async (t) => {
  const minors = pins.map(({ minor }) => minor)
  t.same(minors, [present - 3, present - 2, present - 1, present, present + 1])
})
