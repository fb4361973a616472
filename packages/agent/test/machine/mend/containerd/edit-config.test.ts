import t from 'tap'
import { editConfig } from '../../../../src/machine/mend/containerd/edit-config.ts'
import { tomlStatements } from '../../../../src/machine/mend/containerd/toml-statements.ts'

/** Lines of a file, which ends with a line break. */
const file = (...lines: string[]): string => `${lines.join('\n')}\n`

const v2 = 'plugins."io.containerd.grpc.v1.cri"'
const v3 = "plugins.'io.containerd.cri.v1.runtime'"
const added = (runc: string): string[] => [
  '',
  `[${runc}.containerd.runtimes.runc]`,
  '  # the driver that the kubelet uses; set by joinery-agent',
  '  runtime_type = "io.containerd.runc.v2"',
  `  [${runc}.containerd.runtimes.runc.options]`,
  '    SystemdCgroup = true'
]
const runcOf = (plugin: string, driver: string): string[] => [
  `[${plugin}.containerd.runtimes.runc]`,
  '  runtime_type = "io.containerd.runc.v2"',
  `  [${plugin}.containerd.runtimes.runc.options]`,
  `    SystemdCgroup = ${driver}`
]

const cases: [string, string, string][] = [
  [
    "Docker's file, which only switches the CRI off",
    file('# Copyright Docker', '', 'disabled_plugins = ["cri"]', '', '#root = "/var/lib/containerd"'),
    file(
      '# Copyright Docker',
      '',
      'version = 2',
      'disabled_plugins = []',
      '',
      '#root = "/var/lib/containerd"',
      ...added(v2)
    )
  ],
  [
    "Debian's file",
    file('version = 2', '', '[plugins]', `  [${v2}]`, `    [${v2}.cni]`, '      bin_dir = "/usr/lib/cni"'),
    file('version = 2', '', '[plugins]', `  [${v2}]`, `    [${v2}.cni]`, '      bin_dir = "/usr/lib/cni"', ...added(v2))
  ],
  ['an empty file', '', file('version = 2', ...added(v2))],
  ['a file of nothing but comments', '# mine', `# mine\n${file('version = 2', ...added(v2))}`],
  [
    'cgroupfs, by the whole default of version 2, with comments',
    file('version = 2', ...runcOf(v2, 'false # why not')),
    file('version = 2', ...runcOf(v2, 'true # why not'))
  ],
  ['version 3', file('version = 3', ...runcOf(v3, 'false')), file('version = 3', ...runcOf(v3, 'true'))],
  ['version 4', file('version = 4', ...runcOf(v3, 'false')), file('version = 4', ...runcOf(v3, 'true'))],
  [
    'version 1, by a file that has more to say than the CRI',
    file('disabled_plugins = ["cri", "aufs"]', '[plugins.cri]', 'enable_selinux = true'),
    file('disabled_plugins = ["aufs"]', '[plugins.cri]', 'enable_selinux = true', ...added('plugins.cri'))
  ],
  [
    'a runtime without options',
    file('version = 2', `[${v2}.containerd.runtimes.runc]`, '  runtime_type = "io.containerd.runc.v2"', '', '[debug]'),
    file(
      'version = 2',
      `[${v2}.containerd.runtimes.runc]`,
      '  runtime_type = "io.containerd.runc.v2"',
      `  [${v2}.containerd.runtimes.runc.options]`,
      '    SystemdCgroup = true',
      '',
      '[debug]'
    )
  ],
  [
    'options without the key, indented with tabs',
    file('version = 2', `[${v2}.containerd.runtimes.runc.options] # mine`, '\tBinaryName = "/usr/bin/runc"'),
    file(
      'version = 2',
      `[${v2}.containerd.runtimes.runc.options] # mine`,
      '\tSystemdCgroup = true',
      '\tBinaryName = "/usr/bin/runc"'
    )
  ],
  [
    'empty options at the end of a file without a last line break',
    `version = 2\n[${v2}.containerd.runtimes.runc.options]`,
    `version = 2\n[${v2}.containerd.runtimes.runc.options]\n  SystemdCgroup = true`
  ],
  [
    'options by dotted keys',
    file('version = 2', `[${v2}.containerd.runtimes.runc]`, 'options . "BinaryName" = "runc"', 'pod_annotations = []'),
    file(
      'version = 2',
      `[${v2}.containerd.runtimes.runc]`,
      'options . "BinaryName" = "runc"',
      'options . SystemdCgroup = true',
      'pod_annotations = []'
    )
  ],
  [
    'a value inside an inline table',
    file('version = 2', `[${v2}.containerd.runtimes]`, 'runc.options.SystemdCgroup=false'),
    file('version = 2', `[${v2}.containerd.runtimes]`, 'runc.options.SystemdCgroup=true')
  ],
  [
    'other runtimes of the same shim, and not those of another one',
    file(
      'version = 2',
      ...runcOf(v2, 'true'),
      `[${v2}.containerd.runtimes.nvidia]`,
      'runtime_type = "io.containerd.runc.v2"',
      `[${v2}.containerd.runtimes.nvidia.options]`,
      'BinaryName = "nvidia-container-runtime"',
      `[${v2}.containerd.runtimes.kata]`,
      'runtime_type = "io.containerd.kata.v2"'
    ),
    file(
      'version = 2',
      ...runcOf(v2, 'true'),
      `[${v2}.containerd.runtimes.nvidia]`,
      'runtime_type = "io.containerd.runc.v2"',
      `[${v2}.containerd.runtimes.nvidia.options]`,
      'SystemdCgroup = true',
      'BinaryName = "nvidia-container-runtime"',
      `[${v2}.containerd.runtimes.kata]`,
      'runtime_type = "io.containerd.kata.v2"'
    )
  ],
  [
    'a list over several lines, with comments and other plugins',
    file(
      'version = 2',
      'disabled_plugins = [',
      '  # not "cri" for us, ] said somebody',
      '  "io.containerd.grpc.v1.cri", # Docker',
      "  'io.containerd.snapshotter.v1.btrfs',",
      ']',
      ...runcOf(v2, 'true')
    ),
    file(
      'version = 2',
      'disabled_plugins = [',
      '  # not "cri" for us, ] said somebody',
      '  # Docker',
      "  'io.containerd.snapshotter.v1.btrfs',",
      ']',
      ...runcOf(v2, 'true')
    )
  ],
  [
    'the last of a list, and one of two',
    file('version = 2', `disabled_plugins = ['a' , "cri"]`, ...runcOf(v2, 'true')),
    file('version = 2', `disabled_plugins = ['a' ]`, ...runcOf(v2, 'true'))
  ],
  [
    'what only looks like it: in strings, in comments, of another plugin',
    file(
      'version = 2',
      ...runcOf(v2, 'true'),
      '[plugins.other]',
      'disabled_plugins = ["cri"]',
      'text = """',
      `[${v2}.containerd.runtimes.runc.options]`,
      'SystemdCgroup = false',
      '"""',
      '# SystemdCgroup = false'
    ),
    file(
      'version = 2',
      ...runcOf(v2, 'true'),
      '[plugins.other]',
      'disabled_plugins = ["cri"]',
      'text = """',
      `[${v2}.containerd.runtimes.runc.options]`,
      'SystemdCgroup = false',
      '"""',
      '# SystemdCgroup = false'
    )
  ],
  [
    'version after other keys, and headers in order of nobody',
    file(
      'root = "/data"',
      'version = 2',
      ...runcOf(v2, 'false').toReversed().toReversed(),
      '[debug]',
      'level = "info"'
    ),
    file('root = "/data"', 'version = 2', ...runcOf(v2, 'true'), '[debug]', 'level = "info"')
  ]
]

for (const [name, before, after] of cases) {
  t.test(name, async (t) => {
    t.equal(read(editConfig(before)), after)
    t.equal(read(editConfig(after)), after, 'a second time there is nothing to do')
    const windows = (text: string): string => text.replaceAll('\n', '\r\n')
    // without any line break there is none to go by
    if (before.includes('\n')) t.equal(read(editConfig(windows(before))), windows(after), 'with CRLF')
  })
}

const unsure: [string, string][] = [
  ['no TOML', 'version = = 2'],
  ['a binary file', '\u0000\u0001ELF'],
  ['a version of the future', 'version = 9\n'],
  ['a version that is no number', 'version = "2"\n'],
  [
    'an inline table',
    `version = 2\n${v2} = { containerd = { runtimes = { runc = { runtime_type = "io.containerd.runc.v2" } } } }\n`
  ],
  [
    'options in an inline table',
    `version = 2\n[${v2}.containerd.runtimes.runc]\noptions = { SystemdCgroup = false }\n`
  ],
  ['runtimes that are a list', `version = 2\n[[${v2}.containerd.runtimes]]\nname = "runc"\n`],
  ['a list that is a word', `version = 2\ndisabled_plugins = "cri"\n[${v2}]\ncontainerd = 1\n`],
  ['a key twice', 'version = 2\nversion = 2\n']
]

for (const [name, text] of unsure) {
  t.test(`${name} is left alone, with the reason`, async (t) => {
    t.match(editConfig(text), { problem: /./ })
  })
}

t.test('statements are found, whatever stands between them', async (t) => {
  const text = `a.'b c'."d\\u0041" = [1, { x = "]" }, [2]] # c\n[[t]]\n  k = '''\n''' \n[ u . v ]\nd = 1979-05-27T07:32:00Z\n`
  t.same(
    tomlStatements(text).map(({ kind, path, value }) => [kind, path.join('|'), value && text.slice(...value)]),
    [
      ['pair', 'a|b c|dA', '[1, { x = "]" }, [2]]'],
      ['array-table', 't', undefined],
      ['pair', 't|k', "'''\n'''"],
      ['table', 'u|v', undefined],
      ['pair', 'u|v|d', '1979-05-27T07:32:00Z']
    ]
  )
})

function read(edited: ReturnType<typeof editConfig>): string {
  return 'text' in edited ? edited.text : edited.problem
}
